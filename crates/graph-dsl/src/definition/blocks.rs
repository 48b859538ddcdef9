//! What the keys of every block mean: the reader's lists with a sentence and a kind of value each.

use super::{argument, command, connection, follow_up, mapping, outcome, stream, system, tuning};
use crate::connection::{AuthType, CLOUD_NAMES};
use crate::mapping::AttributeKind;
use crate::plan::{ArgumentKind, Outcome};
use Content::{
    Any, Block as Of, Clouds, Concurrency, Credentials, Each, EachOfEach, EachOrText, Flag,
    Integer, Mapping, Number, OneOrList, Permission, Reference, Rules, Seconds, Setting, Statuses,
    Text, Texts, Words,
};

/// A mapping of the language.
pub(crate) struct Block {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// The list that the reader checks keys against.
    pub(crate) keys: &'static [&'static str],
    pub(crate) described: &'static [(&'static str, Content, &'static str)],
}

/// The kind of value of a key, as far as an editor needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    Any,
    Text,
    /// One text, or a list of them.
    Texts,
    Flag,
    Number,
    /// From, to.
    Integer(u64, u64),
    /// Above 0, at most.
    Seconds(u64),
    Mapping,
    Words(&'static [&'static str]),
    /// One of some words, or a reference.
    Setting(&'static [&'static str]),
    /// A secret: never the value itself.
    Reference,
    /// One HTTP status, or a list of them.
    Statuses,
    /// A number, or `auto`.
    Concurrency,
    /// A list of clouds that offer it, or a mapping of those that do not.
    Clouds,
    /// Names, or names by whether they are delegated.
    Permission,
    /// What the way to sign in reads.
    Credentials,
    /// Outcome rules, or the word for a set of them.
    Rules(&'static str),
    Block(&'static str),
    /// Names to blocks.
    Each(&'static str),
    /// Names to blocks, or to text as their short form.
    EachOrText(&'static str),
    /// Names to names to blocks or text.
    EachOfEach(&'static str),
    /// One of a block, or a list of it.
    OneOrList(&'static str),
}

impl Block {
    pub(crate) fn key(&self, name: &str) -> (Content, &'static str) {
        let found = self.described.iter().find(|(key, ..)| *key == name);
        found.map_or((Any, ""), |(_, content, summary)| (*content, *summary))
    }
}

/// The clouds with hosts of their own.
pub(crate) const FIXED_CLOUDS: &[&str] = CLOUD_NAMES.split_at(7).0;

/// Every block, outermost first.
pub(crate) const BLOCKS: &[Block] = &[
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
    Block {
        name: "stream",
        summary: "What an import reads. In a file that extends another, a stream of the same name is laid over it: what is written replaces or adds.",
        keys: stream::KEYS,
        described: &[
            ("clouds", Any, "Clouds that do not offer it: `{ china: false }`."),
            (
                "column_sets",
                EachOfEach("column"),
                "Further columns, by the name under which `include` asks for them.",
            ),
            ("columns", EachOrText("column"), "Columns of the view, by name."),
            ("enabled", Flag, "Whether an import reads it unless it is named; true when absent."),
            (
                "endpoint",
                Text,
                "The path; of edges with `{id}`, or the delta query that they are read out of.",
            ),
            ("entity", Text, "What its objects are."),
            ("external_id", Text, "The property shown as `external_id`; `id` when absent."),
            (
                "filter",
                Text,
                "Which objects are read, as an OData `$filter`; a delta stream is read as a list then.",
            ),
            ("include", Any, "Sets of columns to add, `[extension_attributes]`."),
            ("key", Any, "The properties that identify an item; `id` when absent."),
            ("kind", Words(&["delta", "full", "window", "edges"]), "How it is read."),
            ("of", Text, "The stream whose objects have the edges."),
            ("of_type", Text, "The one type that is read of a delta query over several."),
            ("page_size", Number, "Objects on a page, at most 999."),
            ("per_cloud", Of("per_cloud"), "How it is read in single clouds."),
            ("permission", Text, "The least permission."),
            ("relations", Any, "Relations whose changes the delta query reports, `[members]`."),
            ("required", Flag, "Whether a refusal fails the import."),
            (
                "scan",
                Of("scan"),
                "The collection that a first load reads in parts, before it follows the delta.",
            ),
            ("select", Any, "Further properties to read."),
            ("summary", Text, "What it reads, in a sentence."),
            ("version", Words(&["v1.0", "beta"]), "The API version."),
            ("window", Of("window"), "How a log is read by spans of time."),
        ],
    },
    Block {
        name: "window",
        summary: "A log, to which items are only ever added, is read by spans of time.",
        keys: stream::WINDOW_KEYS,
        described: &[
            (
                "delay",
                Seconds(2_678_400),
                "How long items may take to show; younger ones are left to the next import; 20 minutes when absent.",
            ),
            (
                "overlap",
                Seconds(2_678_400),
                "What is read again before the last import's end, and again before that while it brings anything new; 30 minutes when absent.",
            ),
            ("property", Text, "The property that says when an item happened."),
            ("retention_days", Number, "How far back Graph keeps items; 30 when absent."),
            (
                "slice",
                Seconds(2_678_400),
                "The longest span that is asked for at once; a day when absent.",
            ),
        ],
    },
    Block {
        name: "per_cloud",
        summary: "How a stream is read in single clouds.",
        keys: &["global", "us_gov_l4", "us_gov_l5", "china", "bleu", "delos", "govsg"],
        described: &[
            ("global", Of("variant"), "Worldwide."),
            ("us_gov_l4", Of("variant"), "US Government, GCC High."),
            ("us_gov_l5", Of("variant"), "US Government, Department of Defense."),
            ("china", Of("variant"), "China."),
            ("bleu", Of("variant"), "Bleu."),
            ("delos", Of("variant"), "Delos."),
            ("govsg", Of("variant"), "Singapore."),
        ],
    },
    Block {
        name: "variant",
        summary: "How a stream is read in one cloud.",
        keys: stream::VARIANT_KEYS,
        described: &[
            ("endpoint", Text, "The path there."),
            ("kind", Words(&["delta", "full"]), "How it is read there."),
        ],
    },
    Block {
        name: "column",
        summary: "A column; a property alone is its short form.",
        keys: stream::COLUMN_KEYS,
        described: &[
            ("clouds", Any, "Clouds whose Graph has no such property: `{ govsg: false }`."),
            (
                "permission",
                Text,
                "What it needs beside the stream's; refused, the column is left out and the certificate says so.",
            ),
            ("property", Text, "The property that it shows."),
            (
                "type",
                Words(&["text", "guid", "boolean", "integer", "datetime", "list", "json"]),
                "The type in the view; `text` when absent.",
            ),
        ],
    },
    Block {
        name: "scan",
        summary: "The collection that holds the objects of a delta stream.",
        keys: stream::SCAN_KEYS,
        described: &[
            ("endpoint", Text, "The path of the collection, `/users`."),
            (
                "partition",
                Text,
                "The text property by whose values it is read in parts; in one part when absent.",
            ),
        ],
    },
    Block {
        name: "connection",
        summary: "How Graph is reached.",
        keys: connection::KEYS,
        described: &[
            ("allow_insecure_loopback", Flag, "Plain HTTP to this machine; with `cloud: custom`."),
            ("auth_type", Words(&AuthType::NAMES), "How to sign in."),
            ("authority", Text, "The login authority of a custom cloud."),
            ("auto_paginate", Flag, "Whether commands follow pages."),
            ("base_url", Text, "The earlier spelling of a cloud: its root with a version."),
            ("ca_bundle", Text, "Further certificates to trust."),
            ("cloud", Setting(&CLOUD_NAMES), "The cloud."),
            ("credentials", Credentials, "What signs in; every secret is a reference."),
            ("default_content_type", Text, "The type of bodies."),
            ("graph_root", Text, "Graph's root in a custom cloud, without a version."),
            ("logging", Of("logging"), "What is logged."),
            ("max_concurrent_requests", Concurrency, "Requests at once: a number, or `auto`."),
            ("metadata", Words(FIXED_CLOUDS), "The cloud that a custom one is checked as."),
            ("no_proxy", Text, "Hosts that are reached without the proxy."),
            ("proxy", Text, "The proxy."),
            ("rate_limit_key", Text, "Connections with the same key share their budgets."),
            ("retry", Of("retry"), "How failures are repeated."),
            ("timeouts", Of("timeouts"), "How long to wait."),
            ("token", Reference, "The bearer token; a reference."),
        ],
    },
    Block {
        name: "timeouts",
        summary: "Timeouts in seconds.",
        keys: tuning::TIMEOUT_KEYS,
        described: &[
            ("connect", Seconds(86_400), "Connecting."),
            ("pool", Seconds(86_400), "Waiting for a free connection."),
            ("read", Seconds(86_400), "Waiting for an answer."),
            ("write", Seconds(86_400), "Sending a request."),
        ],
    },
    Block {
        name: "retry",
        summary: "How failures are repeated.",
        keys: tuning::RETRY_KEYS,
        described: &[
            ("backoff", Words(&["exponential", "linear"]), "How pauses grow."),
            ("backoff_base", Number, "The first pause, in seconds."),
            ("backoff_factor", Number, "What an exponential pause is multiplied by."),
            ("jitter", Number, "Most seconds of chance in a pause."),
            ("max_attempts", Integer(1, 10), "Attempts, the first included."),
            ("retry_after_header_names", Texts, "Headers that say how long to pause."),
            ("retry_on_status", Statuses, "Statuses that are repeated."),
        ],
    },
    Block {
        name: "logging",
        summary: "What is logged.",
        keys: tuning::LOGGING_KEYS,
        described: &[
            ("auth", Flag, "Sign-ins."),
            ("enabled", Flag, "Anything at all."),
            ("format", Words(&["basic", "detailed"]), "How much of each."),
            ("request", Flag, "Requests."),
            ("response", Flag, "Answers."),
        ],
    },
];
