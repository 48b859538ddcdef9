//! What a test or a file says about faults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Rules of faults, tried in order; the first that matches a request decides.
///
/// ```
/// use graph_simulator::{Fault, FaultPlan, FaultRule};
///
/// let plan = FaultPlan::new(7)
///     .rule(FaultRule::new(Fault::ResetMidBody { after: 512 }).path("/users/delta").nth(2))
///     .rule(FaultRule::new(Fault::status(503)).probability(0.01));
/// let same: FaultPlan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
/// assert_eq!(same, plan);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// Seeds the chances of rules with a probability.
    pub seed: u64,
    /// The rules.
    pub rules: Vec<FaultRule>,
    /// Connections that are closed as soon as they are accepted, by their number from 1 on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reset_connections: Vec<u64>,
}

impl FaultPlan {
    /// A plan without rules.
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Closes the nth connection, from 1 on, before anything is read from it.
    #[must_use]
    pub fn reset_connection(mut self, nth: u64) -> Self {
        self.reset_connections.push(nth);
        self
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, rule: FaultRule) -> Self {
        self.rules.push(rule);
        self
    }
}

/// One rule: which requests, and what happens to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The method; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A pattern of the path, below the version for Graph: `*` stands for one segment, a last `**`
    /// for any number; any path if absent. Query strings are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A text that the query string holds once decoded; any query if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Only the nth request, from 1 on, that the rest of the rule matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Only this many times; without end if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// A chance between 0 and 1, drawn from the plan's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What happens.
    pub fault: Fault,
}

impl FaultRule {
    /// A rule for every request.
    pub fn new(fault: Fault) -> Self {
        Self {
            method: None,
            path: None,
            query: None,
            nth: None,
            times: None,
            probability: None,
            fault,
        }
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only requests whose path matches a pattern.
    #[must_use]
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.path = Some(pattern.into());
        self
    }

    /// Only requests whose decoded query string holds a text.
    #[must_use]
    pub fn query(mut self, text: impl Into<String>) -> Self {
        self.query = Some(text.into());
        self
    }

    /// Only the nth matching request, from 1 on.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only with a chance between 0 and 1.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }
}

/// What happens to a request.
///
/// Inside a batch, faults of the connection are without effect on single items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// The request is answered with this status instead of being executed.
    Status {
        /// The status code.
        status: u16,
        /// Headers of the answer, each with one value or several.
        #[serde(default)]
        headers: BTreeMap<String, HeaderValues>,
        /// The code of the error, where there is no body of its own; that of the status if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The body; an error in Graph's shape if absent.
        #[serde(default)]
        body: Option<String>,
    },
    /// An HTML page, as a proxy in between would send.
    Html {
        /// The status code; 200 makes it a trap.
        status: u16,
    },
    /// 410 with a `Location` for a fresh round: only meaningful for delta requests.
    Gone,
    /// 410 with this `Location`, such as one on another host.
    GoneTo {
        /// The address.
        location: String,
    },
    /// The request is executed, and its answer gets another status: a batch with 424.
    Relabel {
        /// The status code.
        status: u16,
    },
    /// What the request creates is not found by this many of the requests that name it.
    LateVisibility {
        /// Requests that are answered 404.
        reads: u64,
    },
    /// The connection closes before the answer begins; the request is not executed.
    ResetBeforeHead,
    /// The request is executed, then the connection closes before the answer begins.
    LostAnswer,
    /// The connection breaks after so many bytes of the body.
    ResetMidBody {
        /// Bytes sent before the break.
        after: u64,
    },
    /// The body ends early in a well-formed message: the JSON is cut.
    Truncate {
        /// Bytes of the body that are sent.
        after: u64,
    },
    /// `Content-Length` differs from the body by this many bytes.
    WrongContentLength {
        /// Added to the true length.
        difference: i64,
    },
    /// The answer comes late.
    Stall {
        /// Milliseconds before the head.
        millis: u64,
    },
    /// The body stops for a while after some bytes.
    StallMidBody {
        /// Bytes sent before the pause.
        after: u64,
        /// Milliseconds of the pause.
        millis: u64,
    },
    /// The body comes in small pieces.
    SlowBody {
        /// Bytes of a piece.
        chunk: u64,
        /// Milliseconds between pieces.
        millis: u64,
    },
    /// The page's `@odata.nextLink` leads to itself.
    LoopLink,
    /// The first item of the page stands on it twice.
    DuplicateItem,
    /// An empty page whose link leads to the real one.
    EmptyPage,
    /// The page's link is replaced by this text, such as the address of another host.
    Link {
        /// The link.
        url: String,
    },
    /// The page's link names the internal version `v2`.
    LinkVersion,
    /// The page's link is not percent-encoded.
    UnescapedLink,
    /// The page has neither `@odata.nextLink` nor `@odata.deltaLink`.
    NoLink,
    /// A byte of the body is not UTF-8.
    InvalidUtf8,
    /// The page's items come in reverse order.
    Shuffle,
    /// One answer is missing from a batch.
    MissingBatchItem,
}

/// One value of a header, or several: the header is sent as often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum HeaderValues {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl HeaderValues {
    /// The values.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(value) => std::slice::from_ref(value).iter(),
            Self::Several(values) => values.iter(),
        }
        .map(String::as_str)
    }
}

impl From<&str> for HeaderValues {
    fn from(value: &str) -> Self {
        Self::One(value.to_owned())
    }
}

impl From<String> for HeaderValues {
    fn from(value: String) -> Self {
        Self::One(value)
    }
}

impl Fault {
    /// A status with an error in Graph's shape.
    pub fn status(status: u16) -> Self {
        Self::Status { status, headers: BTreeMap::new(), code: None, body: None }
    }

    /// 429 with this `Retry-After`.
    pub fn throttled(retry_after: &str) -> Self {
        let headers = BTreeMap::from([("Retry-After".to_owned(), retry_after.into())]);
        Self::Status { status: 429, headers, code: None, body: None }
    }

    /// An error in Graph's shape with a code, such as 400 and `Directory_ExpiredPageToken`.
    pub fn error(status: u16, code: &str) -> Self {
        Self::Status { status, headers: BTreeMap::new(), code: Some(code.to_owned()), body: None }
    }

    /// 401 with two `WWW-Authenticate` headers, as for a token that has expired.
    pub fn expired_access_token() -> Self {
        let challenges = [
            "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"",
            "Bearer error=\"invalid_token\"",
        ];
        let challenges = HeaderValues::Several(challenges.map(str::to_owned).to_vec());
        let headers = BTreeMap::from([("WWW-Authenticate".to_owned(), challenges)]);
        Self::Status { status: 401, headers, code: None, body: None }
    }

    /// 400 `Directory_ExpiredPageToken`.
    pub fn expired_page_token() -> Self {
        Self::error(400, "Directory_ExpiredPageToken")
    }
}
