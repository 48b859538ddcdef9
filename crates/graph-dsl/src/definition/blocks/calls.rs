//! What is called: the file itself, object types, commands and what they consist of.

use super::super::{argument, command, follow_up, mapping, outcome, system};
use super::Block;
use super::Content::{
    Any, Block as Of, Clouds, Each, EachOfEach, EachOrText, Flag, Integer, Mapping, OneOrList,
    Permission, Rules, Seconds, Statuses, Text, Texts, Words,
};
use crate::mapping::AttributeKind;
use crate::plan::{ArgumentKind, Outcome};

pub(super) const BLOCKS: &[Block] = &[
    Block {
        name: "system",
        summary: "The top of a file.",
        keys: system::KEYS,
        described: &[
            ("apiVersion", Integer(1, 1), "Version of the language; 1, and optional."),
            ("connection", Of("connection"), "How Graph is reached."),
            (
                "extends",
                Text,
                "The system, or the file, whose commands and streams are taken over.",
            ),
            ("name", Text, "The system's name; the file's when absent."),
            ("object_types", Each("object_type"), "Commands, by what they act on."),
            ("schema_mappings", EachOfEach("attribute"), "Names for the attributes of answers."),
            ("streams", Each("stream"), "What an import reads."),
            ("summary", Text, "What the system is, in a sentence."),
        ],
    },
    Block {
        name: "object_type",
        summary: "What commands act on, `user`.",
        keys: system::OBJECT_KEYS,
        described: &[
            ("commands", Each("command"), "The commands, by name."),
            ("schema_mapping", Text, "The mapping of commands that name none."),
            ("summary", Text, "What it is, in a sentence."),
        ],
    },
    Block {
        name: "command",
        summary: "One call to Graph.",
        keys: command::KEYS,
        described: &[
            (
                "advanced",
                Words(&["auto", "always", "never"]),
                "Whether it is an advanced query: decided from the query unless `always` or `never`.",
            ),
            ("aliases", Texts, "Other names it is found by."),
            (
                "arguments",
                EachOrText("argument"),
                "What it takes; inferred from `{x}` and `params.x` when absent.",
            ),
            (
                "auto_paginate",
                Flag,
                "Whether further pages are followed; the connection decides when absent.",
            ),
            ("body", Any, "The JSON body; `{ ref: SET, id: ID }` is the URL of an object."),
            (
                "clouds",
                Clouds,
                "Clouds that do not offer it: `{ china: false }`; or a list of those that do.",
            ),
            ("deprecated", Text, "What to use in its place, for the release before it goes away."),
            ("endpoint", Text, "The path below the version; `{x}` is one encoded segment."),
            ("ensure", Of("ensure"), "Reads first, and writes only what differs."),
            ("examples", OneOrList("example"), "Calls that show it; checked when the file is."),
            (
                "expect",
                Rules("outcome_rule"),
                "What answers mean, first match first; `already_exists` is the rules for what is there already.",
            ),
            ("expected_outcomes", Rules("outcome_rule"), "The earlier spelling of `expect`."),
            ("headers", Mapping, "Headers beside those that the transport sets."),
            ("method", Words(&["GET", "POST", "PATCH", "PUT", "DELETE"]), "The HTTP method."),
            ("params", Mapping, "The earlier spelling of `query`."),
            ("permission", Permission, "The least permissions; from Graph's own map when absent."),
            ("permissions", Permission, "Another spelling of `permission`."),
            ("query", Mapping, "Query options such as `$select`."),
            ("requires", Texts, "Conditions outside the request, such as a licence."),
            ("response", Words(&["json", "binary"]), "Whether the answer is bytes."),
            (
                "safety",
                Of("safety"),
                "What it does to the tenant, where the method does not say it.",
            ),
            ("schema_mapping", Text, "The mapping of its answer."),
            ("secrets", Texts, "Properties of the answer that are withheld."),
            ("split", Flag, "Whether a `$batch` of more than 20 requests is sent as several."),
            ("summary", Text, "What it does, in a sentence."),
            ("version", Words(&["v1.0", "beta"]), "The API version; the connection's when absent."),
            ("wait_for", Of("wait_for"), "Bounded reads after it, until they show what it did."),
        ],
    },
    Block {
        name: "argument",
        summary: "An argument; `id: guid` is short for `id: { type: guid }`.",
        keys: argument::KEYS,
        described: &[
            ("default", Any, "Taken when it is absent."),
            ("example", Any, "A value that fits, for help."),
            ("items", Words(&ArgumentKind::NAMES), "The type of a list's items."),
            (
                "required",
                Flag,
                "Whether a call without it is refused; true unless there is a default.",
            ),
            ("summary", Text, "What it is for."),
            ("type", Words(&ArgumentKind::NAMES), "The type."),
            ("values", Texts, "The values of an enum."),
        ],
    },
    Block {
        name: "outcome_rule",
        summary: "What some answers mean. All conditions must hold.",
        keys: outcome::KEYS,
        described: &[
            ("as", Words(&Outcome::NAMES), "The outcome."),
            ("code", Text, "Graph's error code, outer or inner."),
            (
                "message",
                Text,
                "A part of Graph's message in any letter case, or a regular expression.",
            ),
            ("status", Statuses, "An HTTP status, or a list of them."),
        ],
    },
    Block {
        name: "example",
        summary: "A call that shows the command.",
        keys: command::EXAMPLE_KEYS,
        described: &[
            ("params", Mapping, "The arguments."),
            ("request", Of("example_request"), "What they should make of the command."),
            ("summary", Text, "What it shows, in a sentence."),
        ],
    },
    Block {
        name: "example_request",
        summary: "The request that an example expects; the first difference is an error.",
        keys: command::REQUEST_KEYS,
        described: &[
            ("body", Any, "The JSON body."),
            ("path", Text, "Path and query below the version, encoded."),
        ],
    },
    Block {
        name: "safety",
        summary: "What a command does to the tenant.",
        keys: command::SAFETY_KEYS,
        described: &[
            ("confirm", Text, "The question that a person is asked first, arguments in braces."),
            (
                "delete_target",
                Words(&["object", "reference"]),
                "`object` says that a DELETE through a link deletes the object itself.",
            ),
            ("destructive", Flag, "Whether something is lost."),
            ("idempotent", Flag, "Whether repeating it is harmless."),
            ("reads", Flag, "Whether it changes nothing."),
            ("restorable", Flag, "Whether what is lost can be restored."),
        ],
    },
    Block {
        name: "ensure",
        summary: "A read before the write: `present` when nothing differs, else created or updated. A write whose answer is lost is looked for, never repeated.",
        keys: follow_up::ENSURE_KEYS,
        described: &[
            (
                "compare",
                Texts,
                "Keys of the body to compare; all that hold no secret when absent, none when empty.",
            ),
            ("params", Mapping, "Arguments of the read; those of the same name are passed on."),
            (
                "read",
                Text,
                "The command that reads the object, by key or as a collection of at most one.",
            ),
            (
                "update",
                Text,
                "The PATCH or PUT that changes what a POST finds there; its `id` is that of what is there.",
            ),
        ],
    },
    Block {
        name: "wait_for",
        summary: "Reads after the command. Over the bound a write is `accepted` and a read `failed`.",
        keys: follow_up::WAIT_KEYS,
        described: &[
            (
                "attempts",
                Integer(1, u32::MAX as u64),
                "Most reads; as many as fit into `max` when absent.",
            ),
            ("every", Seconds(86_400), "Seconds between two reads; 2 when absent."),
            ("failed_when", Of("condition"), "What says that it will never end well."),
            ("max", Integer(1, 600), "The longest wait in seconds, at most 600."),
            (
                "params",
                Mapping,
                "Arguments of the read; others come from the command and its answer, by name.",
            ),
            (
                "read",
                Text,
                "The command that is repeated; without one, the monitor that a 202 names in `Location`.",
            ),
            (
                "until",
                Of("condition"),
                "What ends the wait; a success, or 404 after a DELETE, when absent.",
            ),
        ],
    },
    Block {
        name: "condition",
        summary: "What a read must show.",
        keys: follow_up::CONDITION_KEYS,
        described: &[
            ("equals", Any, "The value at the path; any but null when absent."),
            ("path", Text, "A JSONPath, functions included."),
            ("status", Statuses, "An HTTP status, or a list of them."),
        ],
    },
    Block {
        name: "attribute",
        summary: "An attribute of a schema mapping; a path alone is its short form.",
        keys: mapping::KEYS,
        described: &[
            ("default", Any, "Taken when the path finds nothing."),
            ("join", Text, "Joins a list into text; the separator."),
            ("path", Text, "A JSONPath (RFC 9535) and functions: `$.mail | lower`."),
            ("required", Flag, "Whether an object without it is an error."),
            ("type", Words(&AttributeKind::NAMES), "The type of the result."),
            ("value", Any, "The same value for every object, in place of a path."),
        ],
    },
];
