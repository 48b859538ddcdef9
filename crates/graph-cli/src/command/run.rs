//! `graphctl run`: one command of the catalogue.

mod arguments;
mod bulk;
mod compound;
mod difference;
mod guard;
mod plan;
mod result;
mod revealed;
mod rows;

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use graph_admin::Compound;
use graph_dsl::{Arguments, CommandPlan, Envelope, Outcome, Request, Root, Runner};
use graph_transport::{Clock as _, GraphClient, SystemClock};
use serde_json::Value;

pub(crate) use self::arguments::{Callee, read_body};
use self::bulk::{Bulk, CommandRows, Intent};
pub(crate) use self::result::{Ended, MASK, is_secret, shown as shown_arguments};
use crate::args::{Format, Globals, RunArgs, WritingArgs};
use crate::audit::Audit;
use crate::command::apply::Planned;
use crate::command::catalogue;
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::{Failure, hint};
use crate::interrupt::Interrupts;
use crate::jmespath::Query;
use crate::notice::{self, Notice};
use crate::output::print_value;
use crate::simulation::{Simulation, State};
use crate::system::Loaded;
use crate::terminal::escape;
use crate::{connect, store, system};

pub(crate) async fn run(
    args: Box<RunArgs>,
    globals: &Globals,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let loaded = system::load(globals)?;
    let known = &loaded.system.catalogue;
    let Some(command) = known.get(&args.command) else {
        let compound = Compound::named(&args.command);
        let compound = compound.ok_or_else(|| catalogue::unknown(known, &args.command))?;
        let tenant = Tenant::of(&args, globals, &loaded).await?;
        return compound::run(compound, &args, &tenant, notice, interrupts).await;
    };
    let callee = Callee::from(command);
    let mut values = arguments::read(&callee, &args.arguments)?;
    if args.from.is_none() {
        arguments::ask(&callee, &mut values)?;
    }
    let query = args.query.as_deref().map(Query::compile).transpose()?;
    if !args.plan {
        guard::allow(args.writing.mode, &command.full_name(), &command.safety)?;
    }
    let tenant = Tenant::of(&args, globals, &loaded).await?;
    let call = Call { command, args: &args, notice, tenant, planned: None, version: None };
    match &args.from {
        Some(from) => call.rows(from, &values, interrupts).await,
        None => call.single(&values, query.as_ref()).await,
    }
}

/// Sends what a plan showed; whatever differs by now refuses it.
pub(crate) async fn apply(
    args: RunArgs,
    planned: Planned,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    let loaded = system::load(globals)?;
    if loaded.fingerprint() != planned.definition {
        return Err(Failure::usage("the definitions have changed since the plan was made")
            .hint("plan again and look at what is different"));
    }
    let known = &loaded.system.catalogue;
    let command =
        known.get(&args.command).ok_or_else(|| catalogue::unknown(known, &args.command))?;
    guard::allow(args.writing.mode, &command.full_name(), &command.safety)?;
    let values = planned.arguments(&arguments::read(&command.into(), &args.arguments)?, command)?;
    let tenant = Tenant::of(&args, globals, &loaded).await?;
    let call =
        Call { command, args: &args, notice, tenant, planned: Some(&planned), version: None };
    call.single(&values, None).await
}

/// Sends a request of its own, in this version where one is named.
pub(crate) async fn call(
    command: &CommandPlan,
    values: &Arguments,
    version: Option<&'static str>,
    args: &RunArgs,
    globals: &Globals,
    loaded: &Loaded,
    notice: Notice,
) -> Result<Exit, Failure> {
    if !args.plan {
        guard::allow(args.writing.mode, &command.full_name(), &command.safety)?;
    }
    let query = args.query.as_deref().map(Query::compile).transpose()?;
    let tenant = Tenant::of(args, globals, loaded).await?;
    let call = Call { command, args, notice, tenant, planned: None, version };
    call.single(values, query.as_ref()).await
}

/// Whom a command is sent to.
struct Tenant<'a> {
    loaded: &'a Loaded,
    simulation: Option<Simulation>,
}

/// One call of `graphctl run`.
struct Call<'a> {
    command: &'a CommandPlan,
    args: &'a RunArgs,
    notice: Notice,
    tenant: Tenant<'a>,
    /// What must be sent exactly as it was shown.
    planned: Option<&'a Planned>,
    /// The version to send to, instead of the one that the command was checked for.
    version: Option<&'static str>,
}

impl<'a> Tenant<'a> {
    async fn of(args: &RunArgs, globals: &Globals, loaded: &'a Loaded) -> Result<Self, Failure> {
        Ok(Self { loaded, simulation: simulation(args, globals).await? })
    }

    /// For showing requests: credentials may be missing.
    fn root(&self) -> Result<Root, Failure> {
        match &self.simulation {
            Some(simulation) => root(&simulation.server.graph_root()),
            None => root(connect::cloud(self.loaded)?.graph_root()),
        }
    }

    /// Only writes are recorded, and a simulated tenant's only when a file is named: they end with it.
    fn audit(
        &self,
        writing: &WritingArgs,
        client: &GraphClient,
        reads: bool,
    ) -> Result<Audit, Failure> {
        let unasked = self.simulation.is_some() && writing.audit.is_none();
        if reads || unasked {
            return Ok(Audit::none());
        }
        let tenant = client.configured_tenant();
        Audit::open(writing.audit.as_ref(), writing.mode, tenant, client.cloud().graph_root())
    }

    fn runner(&self) -> Result<Runner, Failure> {
        match &self.simulation {
            Some(simulation) => Ok(Runner::new(simulation.client()?)),
            None => connect::runner(self.loaded),
        }
    }
}

impl Call<'_> {
    async fn single(&self, values: &Arguments, query: Option<&Query>) -> Result<Exit, Failure> {
        let Self { command, args, .. } = *self;
        let root = self.tenant.root()?;
        let bound = command.bind(values, &root);
        let mut request = bound.map_err(|errors| Callee::from(command).misfit(&errors))?;
        if let Some(version) = self.version {
            let path = request.path_and_query.trim_start_matches("/beta").to_owned();
            request.path_and_query = format!("{version}{path}");
        }
        if args.plan {
            let plan = self.plan(&request, &root, values).await?;
            print_value(&plan, plain(args.output)).map_err(closed)?;
            return Ok(Exit::Done);
        }
        revealed::refuse_early(args)?;
        let runner = self.tenant.runner()?;
        if let Some(planned) = self.planned {
            let shown = plan::shown(command, &request, &root, values);
            plan::refuse_other(planned, &shown, runner.client())?;
        }
        if guard::asks(args.writing.mode, &command.safety) && !args.yes {
            guard::on_a_terminal(&command.full_name(), &command.safety)?;
            let name = guard::display_name(runner.client(), command, &request).await;
            guard::confirm(
                command,
                &request,
                name.as_deref(),
                io::stdin().lock(),
                io::stderr().lock(),
            )?;
        }
        let mut audit = self.tenant.audit(&args.writing, runner.client(), command.safety.reads)?;
        audit.sending(command, 1, &request, values)?;
        let mut envelope = runner.send(command, &request).await;
        audit.answered(command, 1, &envelope)?;
        revealed::keep(&mut envelope, args, self.notice)?;
        report(&envelope, command, args, query, self.notice)
    }

    /// The request, what it needs and, where it can be read, what it changes.
    async fn plan(
        &self,
        request: &Request,
        root: &Root,
        values: &Arguments,
    ) -> Result<Value, Failure> {
        let mut plan = plan::shown(self.command, request, root, values);
        plan["definition"] = self.tenant.loaded.fingerprint().into();
        plan["planned_at"] = jiff::Timestamp::try_from(SystemClock.now())
            .map_or(Value::Null, |time| time.to_string().into());
        // Without credentials a plan is still worth showing.
        let Ok(runner) = self.tenant.runner() else { return Ok(plan) };
        plan["tenant"] = runner.client().configured_tenant().into();
        if !self.args.offline {
            if runner.client().sign_in().await.is_ok() {
                plan["permission"]["granted"] = runner.granted_permissions().into();
            }
            let secrets = plan::secrets(self.command, values);
            let difference = difference::of(runner.client(), request).await;
            plan["difference"] = plan::masked(difference, &secrets);
        }
        Ok(plan)
    }

    async fn rows(
        &self,
        from: &Path,
        common: &Arguments,
        interrupts: &Interrupts,
    ) -> Result<Exit, Failure> {
        let Self { command, args, notice, .. } = *self;
        let root = &self.tenant.root()?;
        let fits = |arguments: &Arguments| command.bind(arguments, root).map(drop);
        let bulk = Bulk::read(command.into(), args, from, common, notice, fits)?;
        let intent = bulk.intent()?;
        let rows = CommandRows { command, root, bulk };
        if intent == Intent::Plan {
            return rows.plan();
        }
        let runner = self.tenant.runner()?;
        let reads = command.safety.reads;
        let audit = self.tenant.audit(&args.writing, runner.client(), reads)?;
        rows.send(&runner, audit, interrupts).await
    }
}

/// A simulated tenant as the store's last import saw it; what a command changes there ends with this process.
async fn simulation(args: &RunArgs, globals: &Globals) -> Result<Option<Simulation>, Failure> {
    if !args.simulation.simulate {
        return Ok(None);
    }
    let state = State::of_store(&store::to_write(globals, true)?, &args.simulation)?;
    state.start(0).await.map(Some)
}

fn root(text: &str) -> Result<Root, Failure> {
    Root::new(text).map_err(|error| {
        Failure::usage("the connection's Graph root cannot be used").because(&error)
    })
}

fn report(
    envelope: &Envelope,
    command: &CommandPlan,
    args: &RunArgs,
    query: Option<&Query>,
    notice: Notice,
) -> Result<Exit, Failure> {
    let format = args.output.unwrap_or(Format::Json);
    let is_success = envelope.is_success();
    match (query, format) {
        _ if is_success && args.out.is_some() => save(envelope, command, args.out.as_deref())?,
        (Some(query), _) if is_success => {
            print_value(&query.select(&envelope.data)?, format).map_err(closed)?;
        }
        (_, Format::Json | Format::Yaml) => {
            let value = serde_json::to_value(envelope).expect("an envelope is JSON already");
            print_value(&value, format).map_err(closed)?;
        }
        _ if is_success && envelope.data != Value::Null => {
            print_value(&envelope.data, format).map_err(closed)?;
        }
        _ => {}
    }
    if is_success {
        if envelope.data == Value::Null {
            notice.say(&format!("{}: {}", command.full_name(), envelope.outcome()));
        }
        return Ok(Exit::Done);
    }
    notice::error(&refusal(envelope, command));
    Ok(exit(envelope))
}

/// Writes a binary answer to a new file.
fn save(envelope: &Envelope, command: &CommandPlan, path: Option<&Path>) -> Result<(), Failure> {
    let (Some(content), Some(path)) = (&envelope.content, path) else {
        return Err(Failure::usage(format!(
            "`{}` answers no bytes for --out",
            command.full_name()
        )));
    };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| io::Write::write_all(&mut file, content))
        .map_err(|error| Failure::file("write the answer to", path, &error))
}

/// The failure in a few lines: what, where, what is needed, the ids.
fn refusal(envelope: &Envelope, command: &CommandPlan) -> String {
    let detail = envelope.detail.as_ref();
    let error = detail.map(|detail| detail.error.clone()).unwrap_or_default();
    let mut text =
        format!("error: {}: {}: {}\n", command.full_name(), envelope.outcome(), escape(&error));
    let upstream = detail.and_then(|detail| detail.upstream.as_ref());
    if let Some(upstream) = upstream {
        let said = &upstream.detail["error"];
        if let (Some(code), Some(message)) = (said["code"].as_str(), said["message"].as_str()) {
            let _ = writeln!(text, "  Graph says: {}: {}", escape(code), escape(message));
        }
        let _ = writeln!(text, "  request: {} {}", command.method, escape(&upstream.url));
    }
    if let Some(needed) = &envelope.meta.needs_permission {
        let all = std::iter::once(needed).chain(&envelope.meta.other_permissions);
        let all: Vec<&str> = all.map(String::as_str).collect();
        let _ = writeln!(text, "  needs: {}", all.join(", or "));
    }
    if !envelope.meta.granted_permissions.is_empty() {
        let granted = envelope.meta.granted_permissions.join(", ");
        let _ = writeln!(text, "  token has: {}", escape(&granted));
    }
    if let Some(place) = &envelope.meta.defined_at {
        let _ = writeln!(text, "  defined at: {place}");
    }
    if let Some(id) = envelope.meta.request_ids.last() {
        let _ = writeln!(text, "  request-id: {}", escape(id));
    }
    if let Some(hint) = envelope.disposition().and_then(hint) {
        let _ = writeln!(text, "  hint: {hint}");
    }
    text
}

/// By the transport's classification; a write that may have happened is unavailable, not refused.
fn exit(envelope: &Envelope) -> Exit {
    if envelope.is_partial() {
        return Exit::Partial;
    }
    match (envelope.outcome(), envelope.disposition()) {
        (Outcome::Unknown, _) => Exit::Unavailable,
        (_, Some(disposition)) => disposition.into(),
        (_, None) => Exit::Failed,
    }
}

/// A plan is one document: rows of it make no sense.
fn plain(format: Option<Format>) -> Format {
    if format == Some(Format::Yaml) { Format::Yaml } else { Format::Json }
}
