//! What people read of an import, word for word.

use crate::support::Place;

/// Times and addresses differ from run to run.
fn assert_shown(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<the moment of this step>");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn an_import_and_what_is_said_about_it() {
    let place = Place::new();
    let shown = |arguments: &[&str]| place.succeed(arguments).stdout;
    let simulated = ["--simulate", "--users", "60", "--seed", "7"];
    assert_shown("plan_of_a_first_import", &shown(&[&["import", "plan"][..], &simulated].concat()));
    assert_shown(
        "first_import",
        &shown(&[&["import", "--sample", "100"][..], &simulated].concat()),
    );
    assert_shown("second_import", &shown(&["import", "--simulate"]));
    assert_shown("plan_of_the_next_round", &shown(&["import", "plan", "--simulate"]));
    assert_shown("status", &shown(&["import", "status"]));
    assert_shown("diff", &shown(&["import", "diff"]));
    // More than there are: what is drawn depends on the order in which streams arrive.
    let verify = ["import", "verify", "--simulate", "--sample", "99", "--streams", "users,members"];
    assert_shown("verify_of_a_sample", &shown(&verify));
    let verify = ["import", "verify", "--simulate", "--all", "--streams", "users,groups"];
    assert_shown("verify_of_everything", &shown(&verify));
}
