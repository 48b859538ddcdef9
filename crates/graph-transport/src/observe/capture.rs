//! For tests: everything that a subscriber and a receiver of measurements see.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::{AttributeValue, Instrument, Measurement, Metrics};

pub(crate) type Fields = BTreeMap<&'static str, String>;

/// A span or an event.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: u64,
    pub(crate) parent: u64,
    pub(crate) name: &'static str,
    pub(crate) is_span: bool,
    pub(crate) fields: Fields,
}

#[derive(Clone, Default)]
pub(crate) struct Capture {
    seen: Arc<Mutex<Vec<Seen>>>,
    text: Arc<Mutex<Vec<u8>>>,
}

impl Capture {
    /// Captures what this thread does until the guard drops.
    pub(crate) fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        keep_interest();
        let capture = Self::default();
        let text = Arc::clone(&capture.text);
        let writer = move || Text(Arc::clone(&text));
        let all = tracing_subscriber::fmt::format::FmtSpan::FULL;
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(writer)
            .with_ansi(false)
            .with_span_events(all);
        let subscriber = tracing_subscriber::registry().with(capture.clone()).with(lines);
        let guard = tracing::subscriber::set_default(subscriber);
        (capture, guard)
    }

    pub(crate) fn spans(&self, name: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|it| it.is_span && it.name == name).cloned().collect()
    }

    /// Events with this message.
    pub(crate) fn events(&self, message: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        let is =
            |it: &&Seen| !it.is_span && it.fields.get("message").is_some_and(|it| it == message);
        seen.iter().filter(is).cloned().collect()
    }

    /// Everything as `tracing-subscriber` writes it, level trace.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }
}

/// Must be called before a subscriber is set for one thread. tracing asks the subscriber of the thread
/// that reaches a span first and keeps the answer for the process: a test without a subscriber on a
/// thread beside would switch the span off for everybody. With a subscriber for all threads, which
/// takes nothing and is asked each time, no span is ever switched off.
pub(crate) fn keep_interest() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let nothing = tracing_subscriber::filter::dynamic_filter_fn(|_, _| false);
        let subscriber = tracing_subscriber::registry().with(nothing);
        tracing::subscriber::set_global_default(subscriber).expect("nobody else sets one");
    });
}

struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Read<'a>(&'a mut Fields);

impl Visit for Read<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Read(&mut fields));
        let span = context.span(id).unwrap();
        let parent = span.parent().map_or(0, |parent| parent.id().into_u64());
        let (id, name) = (id.into_u64(), attributes.metadata().name());
        self.seen.lock().unwrap().push(Seen { id, parent, name, is_span: true, fields });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut seen = self.seen.lock().unwrap();
        // Ids are used again: the last span with this one is meant.
        let span = seen.iter_mut().rev().find(|it| it.is_span && it.id == id.into_u64());
        values.record(&mut Read(&mut span.unwrap().fields));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Read(&mut fields));
        let parent = context.event_span(event).map_or(0, |span| span.id().into_u64());
        let name = event.metadata().target();
        self.seen.lock().unwrap().push(Seen { id: 0, parent, name, is_span: false, fields });
    }
}

/// Keeps measurements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<Mutex<Vec<Measured>>>);

type Measured = (Instrument, f64, Vec<(&'static str, String)>);

impl Meter {
    pub(crate) fn values(&self, instrument: Instrument) -> Vec<f64> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|(it, ..)| *it == instrument).map(|(_, value, _)| *value).collect()
    }

    /// `name=value` of each measurement's attribute, or nothing where it has none of that name.
    pub(crate) fn attributes(&self, instrument: Instrument, name: &str) -> Vec<String> {
        let all = self.0.lock().unwrap();
        let own = all.iter().filter(|(it, ..)| *it == instrument);
        own.flat_map(|(_, _, attributes)| attributes)
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
            .collect()
    }

    pub(crate) fn text(&self) -> String {
        format!("{:?}", self.0.lock().unwrap())
    }
}

impl Metrics for Meter {
    fn record(&self, measurement: &Measurement<'_>) {
        let text = |value: &AttributeValue<'_>| match value {
            AttributeValue::Text(text) => (*text).to_owned(),
            AttributeValue::Integer(number) => number.to_string(),
        };
        let attributes = measurement.attributes.iter().map(|(name, value)| (*name, text(value)));
        let Measurement { instrument, value, .. } = *measurement;
        self.0.lock().unwrap().push((instrument, value, attributes.collect()));
    }
}
