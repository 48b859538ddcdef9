//! `--query`: JMESPath over data, before columns are chosen.

use serde_json::Value;

use crate::failure::Failure;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Query(jmespath::Expression<'static>);

impl Query {
    /// Compiles before anything is sent.
    pub(crate) fn compile(expression: &str) -> Result<Self, Failure> {
        jmespath::compile(expression).map(Self).map_err(|error| {
            Failure::usage(format!("`{expression}` is no JMESPath expression"))
                .because_of(&error)
                .hint("for example: --query 'value[].displayName'")
        })
    }

    /// What the expression selects.
    pub(crate) fn select(&self, data: &Value) -> Result<Value, Failure> {
        let unusable = |error: &dyn std::fmt::Display| {
            Failure::usage(format!("`{}` does not fit the data", self.0.as_str()))
                .because_text(error.to_string())
        };
        let found = self.0.search(data).map_err(|error| unusable(&error))?;
        serde_json::to_value(&*found).map_err(|error| unusable(&error))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_selects_from_the_whole_value() {
        let data = json!({"value": [{"id": "1", "n": 1}, {"id": "2", "n": 2}]});
        let select = |text: &str| Query::compile(text).unwrap().select(&data).unwrap();
        assert_eq!(select("value[].id"), json!(["1", "2"]));
        assert_eq!(select("value[?n > `1`].id | [0]"), json!("2"));
        assert_eq!(select("length(value)"), json!(2));
        assert_eq!(select("nothing"), Value::Null);
        assert!(Query::compile("value[").unwrap_err().render().contains("JMESPath"));
    }
}
