//! The audit file: every write, before it is sent and after it was answered.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use graph_admin::Step;
use graph_dsl::{Arguments, CommandPlan, Envelope, Lookup as _, Request};
use graph_transport::{Clock as _, SystemClock};
use serde_json::{Map, Value, json};

use crate::args::Mode;
use crate::command::shown_arguments;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;

/// One JSON object a line, appended and never changed, readable by its owner alone.
#[derive(Debug)]
pub(crate) struct Audit {
    file: Option<(PathBuf, File)>,
    /// Said in every line: which run, in which mode, against which tenant.
    context: Map<String, Value>,
}

impl Audit {
    /// A run that changes nothing, or a tenant that ends with the process.
    pub(crate) fn none() -> Self {
        Self { file: None, context: Map::new() }
    }

    /// Opens the file before anything is sent: what cannot be written down is not done.
    pub(crate) fn open(
        named: Option<&PathBuf>,
        mode: Mode,
        tenant: Option<&str>,
        graph_root: &str,
    ) -> Result<Self, Failure> {
        let path = named.cloned().unwrap_or_else(default_path);
        let file = open(&path).map_err(|error| {
            Failure::file("write the audit file", &path, &error).hint("name another with --audit")
        })?;
        let started = now().map_or(0, jiff::Timestamp::as_millisecond);
        let context = [
            // With the row it ties an answer to its request.
            ("run", format!("{started}-{}", std::process::id()).into()),
            ("mode", Value::from(mode.to_string())),
            ("tenant", tenant.into()),
            ("graph_root", graph_root.into()),
        ];
        let context = context.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Self { file: Some((path, file)), context })
    }

    /// A write is about to leave.
    pub(crate) fn sending(
        &mut self,
        command: &CommandPlan,
        row: u64,
        request: &Request,
        arguments: &Arguments,
    ) -> Result<(), Failure> {
        self.write(json!({
            "event": "sending",
            "row": row,
            "command": command.full_name(),
            "method": request.method.to_string(),
            "path": request.path(),
            "arguments": shown_arguments(&command.signature, arguments),
        }))
    }

    /// Its answer, or that there was none.
    pub(crate) fn answered(
        &mut self,
        command: &CommandPlan,
        row: u64,
        envelope: &Envelope,
    ) -> Result<(), Failure> {
        self.write(json!({
            "event": "answered",
            "row": row,
            "command": command.full_name(),
            "outcome": envelope.outcome().as_str(),
            "changed": envelope.outcome().changed(),
            "status": envelope.status_code,
            "request_ids": envelope.meta.request_ids,
            "client_request_ids": envelope.meta.client_request_ids,
        }))
    }

    /// A command of several steps begins.
    pub(crate) fn begins(
        &mut self,
        command: &str,
        row: u64,
        arguments: &Value,
    ) -> Result<(), Failure> {
        self.write(
            json!({ "event": "sending", "row": row, "command": command, "arguments": arguments }),
        )
    }

    /// One of its steps.
    pub(crate) fn stepped(&mut self, command: &str, row: u64, step: &Step) -> Result<(), Failure> {
        let mut event = json!({ "event": "answered", "row": row, "command": command });
        if let (Value::Object(event), Ok(Value::Object(step))) =
            (&mut event, serde_json::to_value(step))
        {
            event.insert("request".to_owned(), step.get("command").cloned().unwrap_or_default());
            event.extend(step.into_iter().filter(|(name, _)| name != "command"));
        }
        self.write(event)
    }

    fn write(&mut self, event: Value) -> Result<(), Failure> {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        let time = now().map(|time| time.to_string());
        let mut object = Map::from_iter([("time".to_owned(), time.into())]);
        object.extend(self.context.clone());
        if let Value::Object(event) = event {
            object.extend(event);
        }
        // One write: lines of two processes do not mix.
        let line = format!("{}\n", Value::Object(object));
        file.write_all(line.as_bytes()).map_err(|error| {
            Failure::new(
                Exit::LocalIo,
                format!("could not write the audit file `{}`", path.display()),
            )
            .because(&error)
        })
    }
}

fn now() -> Option<jiff::Timestamp> {
    jiff::Timestamp::try_from(SystemClock.now()).ok()
}

/// `$XDG_STATE_HOME/graphctl/audit.jsonl`, else below the home directory, else here.
pub(crate) fn default_path() -> PathBuf {
    let directory = |name: &str| {
        let value = Environment.variable(name)?;
        (!value.expose().is_empty()).then(|| PathBuf::from(value.expose()))
    };
    let state = directory("XDG_STATE_HOME")
        .or_else(|| directory("HOME").map(|home| home.join(".local/state")))
        .or_else(|| directory("LOCALAPPDATA"));
    match state {
        Some(state) => state.join("graphctl").join("audit.jsonl"),
        None => PathBuf::from("graphctl-audit.jsonl"),
    }
}

/// Whether the file could be written; an absent one is not made.
pub(crate) fn probe(path: &Path) -> std::io::Result<()> {
    let parents = path.ancestors().skip(1).find(|it| it.exists());
    match OpenOptions::new().append(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let directory = parents.unwrap_or(Path::new("."));
            let readonly = std::fs::metadata(directory)?.permissions().readonly();
            if readonly { Err(std::io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
        }
        Err(error) => Err(error),
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(directory) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
