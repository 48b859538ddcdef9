//! Profile photos: metadata, and the picture itself (facts: graph-protocol 10.8).

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::errors::Refusal;
use super::reply::Reply;
use super::sets::list;
use super::write::Writer;
use crate::directory::{Directory, Object};
use crate::tenant::mix::mix3;

/// The widths in which a photo is kept, all of them square.
pub(crate) const SIZES: [u32; 8] = [48, 64, 96, 120, 240, 360, 432, 648];

/// The largest picture.
const LARGEST: usize = 4 * 1024 * 1024;

/// A grey square as a JPEG, for everybody who has a photo from the start.
static SQUARE: &[u8] = include_bytes!("../../data/photo.jpg");

/// The picture of an object, or the 404 that says why there is none.
fn picture(directory: Directory<'_>, object: &Object<'_>) -> Result<Bytes, Refusal> {
    if let Some(written) = directory.overlay.photo(object.handle()) {
        return written.clone().ok_or_else(missing);
    }
    if object.value_of("userType") == "Guest" {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "ErrorNonExistentMailbox",
            "The SMTP address has no mailbox associated with it.",
        ));
    }
    let draw = mix3(directory.tenant.seed(), 0x7068_6f74, object.handle().slot);
    let has = !object.handle().is_created() && draw.is_multiple_of(2);
    if has { Ok(Bytes::from_static(SQUARE)) } else { Err(missing()) }
}

fn missing() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "ImageNotFound",
        "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.",
    )
}

fn metadata(size: &str) -> Value {
    let width: u32 = size.split('X').next().and_then(|width| width.parse().ok()).unwrap_or(1);
    json!({ "@odata.mediaContentType": "image/jpeg", "id": size, "height": width, "width": width })
}

/// `GET photo`, `photos`, `photos/{size}` and `…/$value`.
pub(crate) fn read(
    call: &Call<'_>,
    directory: Directory<'_>,
    object: &Object<'_>,
    size: Option<&str>,
    value: bool,
) -> Result<Reply, Refusal> {
    let found = picture(directory, object);
    if value {
        let found = found?;
        return Ok(Reply { content_type: "image/jpeg", body: found, ..Reply::text(String::new()) });
    }
    let context =
        call.context(&format!("{}('{}')/photo", object.kind().entity_set(), object.key()));
    let mut answer = match size {
        Some("") => {
            let sizes = SIZES.iter().filter(|_| found.is_ok());
            let sizes: Vec<Value> = sizes.map(|size| metadata(&format!("{size}X{size}"))).collect();
            json!({ "value": sizes })
        }
        Some(size) => found.map(|_| metadata(&size.to_uppercase()))?,
        // A placeholder stands for what is not there.
        None => metadata(if found.is_ok() { "648X648" } else { "1X1" }),
    };
    answer["@odata.context"] = json!(context);
    Ok(list::answer(StatusCode::OK, &answer))
}

/// `PUT` or `PATCH` of `photo/$value`, and `DELETE`.
pub(crate) fn write(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    object: crate::tenant::Handle,
) -> Result<Reply, Refusal> {
    if call.method == http::Method::DELETE {
        picture(writer.directory(), &writer.directory().object(object))?;
        writer.overlay.set_photo(object, None);
        return Ok(Reply::no_content());
    }
    let content_type = call.headers.get(http::header::CONTENT_TYPE);
    let is_image = content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("image/"));
    if !is_image {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            "The content type of a photo is image/jpeg.",
        ));
    }
    if call.body.is_empty() || call.body.len() > LARGEST {
        return Err(Refusal::malformed("The photo must be between 1 byte and 4 MB."));
    }
    writer.overlay.set_photo(object, Some(call.body.clone()));
    Ok(Reply::text(String::new()))
}
