//! What a shell is offered, and the help of one command.

use crate::support::Place;

/// What the script of bash asks for with the cursor after the last word.
fn offered(place: &mut Place, words: &[&str]) -> Vec<String> {
    place.set("GRAPHCTL_COMPLETE", "bash");
    place.set("_CLAP_IFS", "\n");
    let cursor = (words.len()).to_string();
    place.set("_CLAP_COMPLETE_INDEX", &cursor);
    let line: Vec<&str> = ["--", "graphctl"].iter().chain(words).copied().collect();
    place.succeed(&line).stdout.lines().map(str::to_owned).collect()
}

#[test]
fn tab_offers_commands_arguments_values_and_codes() {
    let mut place = Place::new();
    let commands = offered(&mut place, &["run", "user.of"]);
    assert_eq!(commands, ["user.offboard"]);
    let arguments = offered(&mut place, &["run", "group.add_member", ""]);
    assert!(arguments.contains(&"member_id=".to_owned()), "{arguments:?}");
    let described = offered(&mut place, &["catalogue", "administrative_unit.add"]);
    assert_eq!(described, ["administrative_unit.add_member"]);
    assert_eq!(offered(&mut place, &["explain", "GD0407"]), ["GD0407"]);
}

/// The catalogue in use, not the embedded one.
#[test]
fn tab_offers_what_the_own_system_file_defines() {
    let mut place = Place::new();
    let file = "name: own\nconnection: { auth_type: bearer, token: '${{ENV:TOKEN}}', cloud: global }\nobject_types:\n  crane:\n    \
                commands:\n      lift: { method: GET, endpoint: '/users/{id}' }\n";
    place.write("cranes.yaml", file);
    let commands = offered(&mut place, &["--system", "cranes.yaml", "run", "cra"]);
    assert_eq!(commands, ["crane.lift"]);
    let arguments = offered(&mut place, &["-s", "cranes.yaml", "run", "crane.lift", "i"]);
    assert_eq!(arguments, ["id="]);
}

#[test]
fn every_shell_gets_a_script_that_asks_graphctl() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Place::new().succeed(&["completions", shell]).stdout;
        assert!(script.contains("GRAPHCTL_COMPLETE"), "{shell}: {script}");
    }
}

/// E16
#[test]
fn the_help_of_a_command_is_its_own() {
    let place = Place::new();
    let help = place.succeed(&["run", "group.add_member", "--help"]).stdout;
    assert!(help.starts_with("group.add_member\n  Add a user"), "{help}");
    assert!(help.ends_with("The options of every command: graphctl run --help\n"), "{help}");
    let compound = place.succeed(&["run", "-h", "user.offboard"]).stdout;
    assert!(compound.starts_with("user.offboard\n"), "{compound}");
    let options = place.succeed(&["run", "--help"]).stdout;
    assert!(options.contains("Usage: graphctl run"), "{options}");
}
