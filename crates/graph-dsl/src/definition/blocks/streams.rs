//! What an import reads: streams and what they consist of.

use super::super::stream;
use super::Block;
use super::Content::{
    Any, Block as Of, EachOfEach, EachOrText, Flag, Number, Seconds, Text, Words,
};

pub(super) const BLOCKS: &[Block] = &[
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
                "ignore_case",
                Flag,
                "Whether its text is compared without regard to case; it is kept as it came.",
            ),
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
];
