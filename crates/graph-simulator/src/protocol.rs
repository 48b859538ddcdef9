//! Graph's protocol over a directory.

mod action;
pub(crate) mod batch;
pub(crate) mod call;
pub(crate) mod cost;
pub(crate) mod delta;
mod delta_item;
pub(crate) mod errors;
mod expand;
pub(crate) mod filter;
pub(crate) mod json;
mod licence;
mod links;
mod list;
mod order;
pub(crate) mod path;
pub(crate) mod permissions;
pub(crate) mod query;
mod read;
mod reference;
pub(crate) mod reply;
pub(crate) mod resource;
pub(crate) mod router;
mod search;
mod select;
pub(crate) mod token;
mod validate;
pub(crate) mod write;
