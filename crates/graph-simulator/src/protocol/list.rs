//! Collections: pages, `$filter`, `$search`, `$orderby`, `$count` and the links between pages.

use super::call::Call;
use super::errors::Refusal;
use super::expand::Expansion;
use super::filter::{self, Filter};
use super::json::Json;
use super::order::Order;
use super::reply::Reply;
use super::search::Search;
use super::select::Selection;
use super::token::{self, SkipToken};
use super::{activity, attributes, extension};
use crate::directory::{Directory, Object};
use crate::tenant::mix::mix2;
use crate::tenant::{Handle, Kind};

/// Page sizes of directory collections (facts: graph-protocol 4.2).
const DEFAULT_PAGE: u64 = 100;
const LARGEST_PAGE: u64 = 999;
/// About what an object takes, to size the buffer of a page.
const OBJECT_BYTES: usize = 600;

/// Where a collection's objects come from: each with the position after it, from a position on.
pub(crate) type Source<'a> = dyn Fn(u64) -> Box<dyn Iterator<Item = (u64, Handle)> + 'a> + 'a;

/// A collection to be listed.
pub(crate) struct Listing {
    /// The part of `@odata.context` after `#`, before the selection.
    pub(crate) context: &'static str,
    /// The kinds it may hold.
    pub(crate) kinds: Vec<Kind>,
    /// Objects carry `@odata.type`.
    pub(crate) typed: bool,
    /// Objects in the recycle bin are what is listed.
    pub(crate) deleted: bool,
    /// Everything stands on one page, whatever `$top` says (facts: graph-protocol 4.2).
    pub(crate) unpaged: bool,
}

/// The options of a list, read and checked.
struct Options {
    selection: Selection,
    filter: Option<Filter>,
    search: Option<Search>,
    order: Option<Order>,
    expansion: Option<Expansion>,
    top: u64,
    position: u64,
    count: bool,
}

/// Answers a list.
pub(crate) fn list(
    call: &Call<'_>,
    directory: Directory<'_>,
    listing: &Listing,
    source: &Source<'_>,
) -> Result<Reply, Refusal> {
    let options = options(call, directory, listing)?;
    let passes = |object: &Object<'_>| listing.admits(object) && options.admits(object);
    let objects = |from| {
        source(from)
            .map(|(next, handle)| (next, directory.object(handle)))
            .filter(|(_, object)| passes(object))
    };
    let total = options.count.then(|| objects(0).count());
    let mut json = begin(call, listing, &options, total);
    let next = match &options.order {
        Some(order) => {
            let mut sorted: Vec<Object<'_>> = objects(0).map(|(_, object)| object).collect();
            order.sort(&mut sorted);
            let numbered =
                (1..).zip(sorted).skip(usize::try_from(options.position).unwrap_or(usize::MAX));
            write(directory, listing, &options, numbered, &mut json)
        }
        None => write(directory, listing, &options, objects(options.position), &mut json),
    };
    json.end_array();
    if let Some(position) = next {
        let token =
            SkipToken { t: directory.tenant.fingerprint(), q: fingerprint(call), p: position };
        json.key("@odata.nextLink");
        json.string(&call.link("$skiptoken", &token::seal(&token)));
    }
    json.end_object();
    Ok(Reply::ok(json))
}

/// Answers `/$count`, which needs the header (facts: graph-protocol 6).
pub(crate) fn count(
    call: &Call<'_>,
    directory: Directory<'_>,
    listing: &Listing,
    source: &Source<'_>,
) -> Result<Reply, Refusal> {
    if !call.is_eventual() {
        return Err(Refusal::bad_request("$count is not currently supported."));
    }
    let filter = read_filter(call, listing, true)?;
    let objects = source(0).map(|(_, handle)| directory.object(handle));
    let matching = objects.filter(|object| {
        listing.admits(object)
            && filter.as_ref().is_none_or(|filter| filter::matches(filter, object))
    });
    Ok(Reply::text(matching.count().to_string()))
}

impl Listing {
    fn admits(&self, object: &Object<'_>) -> bool {
        let stage = object.stage();
        let present = if self.deleted {
            stage == crate::tenant::Stage::SoftDeleted
        } else {
            object.is_live()
        };
        present && self.kinds.contains(&object.kind())
    }
}

impl Options {
    fn admits(&self, object: &Object<'_>) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter::matches(filter, object))
            && self.search.as_ref().is_none_or(|search| search.matches(object))
    }
}

fn options(
    call: &Call<'_>,
    directory: Directory<'_>,
    listing: &Listing,
) -> Result<Options, Refusal> {
    let query = call.query;
    if query.skip {
        return Err(Refusal::malformed("'$skip' is not supported by the service."));
    }
    let selection = match listing.kinds.as_slice() {
        [kind] => Selection::of(*kind, query.select.as_deref(), &[])?,
        _ => Selection::any(query.select.as_deref())?,
    };
    selection.listable()?;
    let type_name = listing.kinds.first().map_or("directoryObject", |kind| kind.entity_type());
    extension::check_names(directory, query.select.as_deref(), type_name)?;
    attributes::readable(call)?;
    let activity = activity::asked(call, directory)?;
    let advanced = call.is_advanced();
    let filter = read_filter(call, listing, advanced)?;
    let search =
        query.search.as_deref().map(|text| Search::parse(text, call.is_eventual())).transpose()?;
    let order = query
        .order_by
        .as_deref()
        .map(|text| Order::parse(text, &listing.kinds, advanced))
        .transpose()?;
    if order.is_some() && filter.is_some() && !advanced {
        return Err(Refusal::unsupported("Sorting not supported for current query."));
    }
    let expansion =
        query.expand.as_deref().map(|text| Expansion::parse(text, &listing.kinds)).transpose()?;
    if expansion.is_some() && advanced {
        return Err(Refusal::unsupported(
            "Query option 'Expand' is not allowed together with advanced query capabilities.",
        ));
    }
    let top = if listing.unpaged { u64::MAX } else { page_size(call)? };
    let top = if activity { top.min(activity::LARGEST_PAGE) } else { top };
    Ok(Options {
        selection,
        filter,
        search,
        order,
        expansion,
        top,
        position: position(call, directory)?,
        count: query.count && call.is_eventual() && query.skip_token.is_none(),
    })
}

fn read_filter(
    call: &Call<'_>,
    listing: &Listing,
    advanced: bool,
) -> Result<Option<Filter>, Refusal> {
    let Some(text) = &call.query.filter else { return Ok(None) };
    let parsed = filter::parse(text)?;
    filter::check(&parsed, &listing.kinds, advanced)?;
    Ok(Some(parsed))
}

fn page_size(call: &Call<'_>) -> Result<u64, Refusal> {
    let fallback = call.settings.page_size.unwrap_or(DEFAULT_PAGE);
    match call.query.top {
        None => Ok(fallback),
        Some(top) if (1..=LARGEST_PAGE).contains(&top) => Ok(top),
        Some(top) => Err(Refusal::unsupported(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {LARGEST_PAGE} inclusive."
        ))),
    }
}

fn position(call: &Call<'_>, directory: Directory<'_>) -> Result<u64, Refusal> {
    let Some(text) = &call.query.skip_token else { return Ok(0) };
    let token: SkipToken = token::open(text)?;
    if token.t != directory.tenant.fingerprint() || token.q != fingerprint(call) {
        return Err(Refusal::invalid_token());
    }
    Ok(token.p)
}

/// A hash of the path and the options that a page token belongs to.
pub(crate) fn fingerprint(call: &Call<'_>) -> u64 {
    let bytes = call.path.raw.bytes().chain([0]).chain(call.query.repeated.bytes());
    bytes.fold(0, |hash, byte| mix2(hash, u64::from(byte)))
}

fn begin(call: &Call<'_>, listing: &Listing, options: &Options, total: Option<usize>) -> Json {
    let objects = usize::try_from(options.top.min(LARGEST_PAGE)).unwrap_or_default();
    let mut json = Json::with_capacity(512 + objects * OBJECT_BYTES);
    json.begin_object();
    json.key("@odata.context");
    json.string(&call.context(&format!("{}{}", listing.context, options.selection.context())));
    if let Some(total) = total {
        json.key("@odata.count");
        json.number(u64::try_from(total).expect("a count of objects"));
    }
    json.key("value");
    json.begin_array();
    json
}

/// Writes one page and returns the position of the next.
fn write<'a>(
    directory: Directory<'_>,
    listing: &Listing,
    options: &Options,
    objects: impl Iterator<Item = (u64, Object<'a>)>,
    json: &mut Json,
) -> Option<u64> {
    let mut last = 0;
    for (written, (next, object)) in (0..).zip(objects) {
        if written == options.top {
            return Some(last);
        }
        json.begin_object();
        if listing.typed {
            json.key("@odata.type");
            json.string(object.kind().odata_type());
        }
        options.selection.write(&object, json);
        if let Some(expansion) = &options.expansion {
            expansion.write(directory, &object, json);
        }
        json.end_object();
        last = next;
    }
    None
}
