//! Secrets of an answer, kept out of the data that is shown, logged and stored.

use serde_json::Value;

use crate::reference::Sensitive;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// A secret that an answer held, such as the `secretText` of a new client secret.
#[derive(Clone, Debug)]
pub struct Withheld {
    /// Its place in the data, as a JSON pointer: `/secretText`, `/credentials/0/passwordBase64`.
    pub pointer: String,
    /// The text that stood there.
    pub value: Sensitive,
}

impl PartialEq for Withheld {
    fn eq(&self, other: &Self) -> bool {
        self.pointer == other.pointer && self.value.expose() == other.value.expose()
    }
}

impl Withheld {
    /// The property it stands under, list positions left out; empty when it is the whole data.
    pub fn name(&self) -> &str {
        let is_name = |part: &&str| part.parse::<usize>().is_err();
        self.pointer.rsplit('/').find(is_name).unwrap_or_default()
    }
}

/// The texts below properties of these names, at any depth.
pub(super) fn values(data: &Value, names: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    if !names.is_empty() {
        named(data, names, false, &mut found);
    }
    found
}

fn named(data: &Value, names: &[String], inside: bool, found: &mut Vec<String>) {
    match data {
        Value::String(text) if inside && !text.is_empty() => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| named(item, names, inside, found)),
        Value::Object(object) => {
            for (key, value) in object {
                named(value, names, inside || names.contains(key), found);
            }
        }
        _ => {}
    }
}

/// Masks what holds one of these texts, under another name after a schema mapping as well, and says
/// where it stood.
pub(super) fn withhold(data: &mut Value, values: &[String]) -> Vec<Withheld> {
    let mut secrets = Vec::new();
    if !values.is_empty() {
        mask(data, values, &mut String::new(), &mut secrets);
    }
    secrets
}

fn mask(data: &mut Value, values: &[String], pointer: &mut String, secrets: &mut Vec<Withheld>) {
    match data {
        Value::String(text) if values.iter().any(|value| text.contains(value)) => {
            let value = Sensitive::new(std::mem::replace(text, MASK.to_owned()));
            secrets.push(Withheld { pointer: pointer.clone(), value });
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                below(&index.to_string(), item, values, pointer, secrets);
            }
        }
        Value::Object(object) => {
            for (key, value) in object {
                let escaped = key.replace('~', "~0").replace('/', "~1");
                below(&escaped, value, values, pointer, secrets);
            }
        }
        _ => {}
    }
}

fn below(
    part: &str,
    data: &mut Value,
    values: &[String],
    pointer: &mut String,
    secrets: &mut Vec<Withheld>,
) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(part);
    mask(data, values, pointer, secrets);
    pointer.truncate(length);
}

/// The data with its secrets in their places again.
pub(super) fn revealed(data: &Value, secrets: &[Withheld]) -> Value {
    let mut data = data.clone();
    for secret in secrets {
        if let Some(place) = data.pointer_mut(&secret.pointer) {
            *place = secret.value.expose().into();
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_leave_the_data_at_any_depth_and_come_back() {
        let answer = json!({
            "keyId": "k", "secretText": "canary", "displayName": null,
            "credentials": [{ "passwordBase64": "bird" }, { "accountName": "a/b~c" }],
        });
        let names = ["secretText".to_owned(), "passwordBase64".to_owned()];
        let mut data = answer.clone();
        let secrets = withhold(&mut data, &values(&answer, &names));
        assert!(!format!("{data}{secrets:?}").contains("canary"), "{data}");
        assert_eq!(data["credentials"][0]["passwordBase64"], MASK);
        assert_eq!(
            secrets.iter().map(Withheld::name).collect::<Vec<_>>(),
            ["secretText", "passwordBase64"]
        );
        assert_eq!(revealed(&data, &secrets), answer);
    }

    #[test]
    fn a_secret_is_masked_under_the_name_that_a_mapping_gives_it() {
        let answer = json!({ "secretText": "canary" });
        let mut mapped = json!({ "password~/": "canary", "note": "a canary" });
        let secrets = withhold(&mut mapped, &values(&answer, &["secretText".to_owned()]));
        assert_eq!(mapped, json!({ "password~/": MASK, "note": MASK }));
        assert_eq!(revealed(&mapped, &secrets)["password~/"], "canary");
    }
}
