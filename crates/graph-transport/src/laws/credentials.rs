//! Law 3: no credential leaves the allow-list, wherever answers point.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::journeys::{GRAPH, LOGIN, answers, journeys, make, origin};
use super::run;
use crate::fake::{Asked, Fake};
use crate::{ClientSecret, Cloud, CloudName, GraphClient, Redirects};

const TOKEN: &str = "canary-token";
const SECRET: &str = "canary-secret";
const OWN: &str = "canary-own";

/// Everything that went out with a request.
fn text(asked: &Asked) -> String {
    let mut text = format!("{}\n", asked.target);
    for (name, value) in &asked.headers {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text + &String::from_utf8_lossy(&asked.body)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_credential_leaves_the_allow_list(
        journeys in journeys(),
        answers in answers(),
        redirects in 0_usize..4,
    ) {
        let given = answers.clone();
        let fake = Fake::new(move |asked| given[asked.earlier % given.len()].reply(asked, TOKEN));
        run(async {
            let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
            let credential = ClientSecret::new("contoso", "app", SECRET.to_owned().into());
            let client = GraphClient::builder(cloud, credential).wire(fake.clone());
            let client = client.redirects(Redirects::up_to(redirects)).build().unwrap();
            for journey in &journeys {
                let _ = make(&client, *journey, OWN).await;
            }
        });
        for asked in fake.asked() {
            let (text, origin) = (text(&asked), origin(&asked));
            prop_assert!(origin == LOGIN || !text.contains(SECRET), "the secret: {}", text);
            prop_assert!(origin == GRAPH || !text.contains(TOKEN), "the token: {}", text);
            prop_assert!(origin == GRAPH || !text.contains(OWN), "the caller's own: {}", text);
        }
        let first = fake.asked().into_iter().find(|asked| origin(asked) == GRAPH);
        prop_assert!(first.is_none_or(|asked| text(&asked).contains(TOKEN)), "nothing to look for");
    }
}
