//! The language described from the reader's own key lists: a JSON Schema for editors, a reference page.

mod page;
mod schema;

pub use page::language_page;
pub use schema::system_schema;
