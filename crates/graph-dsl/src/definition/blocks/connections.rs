//! How Graph is reached.

use super::super::{connection, tuning};
use super::Content::{
    Block as Of, Concurrency, Credentials, Flag, Integer, Number, Reference, Seconds, Setting,
    Statuses, Text, Texts, Words,
};
use super::{Block, FIXED_CLOUDS};
use crate::connection::{AuthType, CLOUD_NAMES};

pub(super) const BLOCKS: &[Block] = &[
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
