//! Reading the facts: one CSDL document per cloud and the permission map, compressed or not.

use std::fs;
use std::io::Read as _;
use std::path::Path;

/// What was read.
pub(super) struct Facts {
    /// CSDL documents in the order of the clouds.
    pub(super) documents: Vec<String>,
    /// permissions.json.
    pub(super) permissions: String,
    /// Where the facts come from.
    pub(super) source: String,
}

/// Reads `csdl/v1.0-<Cloud>.csdl[.xz]` for every cloud and `permissions.json[.gz]`.
pub(super) fn read(folder: &Path, clouds: &[&str]) -> Result<Facts, String> {
    if clouds.is_empty() || clouds.len() > 8 {
        return Err("an index holds 1 to 8 clouds".to_owned());
    }
    let csdl = folder.join("csdl");
    let document = |cloud: &&str| text(&csdl.join(format!("v1.0-{cloud}.csdl")));
    Ok(Facts {
        documents: clouds.iter().map(document).collect::<Result<_, _>>()?,
        permissions: text(&folder.join("permissions.json"))?,
        source: source(&csdl.join("README.md")),
    })
}

fn text(plain: &Path) -> Result<String, String> {
    let with = |extension: &str| {
        let mut path = plain.as_os_str().to_owned();
        path.push(extension);
        path
    };
    let bytes = if plain.exists() {
        fs::read(plain).map_err(|error| error.to_string())
    } else if let Ok(compressed) = fs::read(with(".xz")) {
        let mut bytes = Vec::new();
        lzma_rs::xz_decompress(&mut compressed.as_slice(), &mut bytes)
            .map(|()| bytes)
            .map_err(|error| error.to_string())
    } else {
        fs::read(with(".gz"))
            .and_then(|compressed| {
                let mut bytes = Vec::new();
                flate2::read::GzDecoder::new(compressed.as_slice()).read_to_end(&mut bytes)?;
                Ok(bytes)
            })
            .map_err(|error| error.to_string())
    };
    let failed = |error: String| format!("could not read `{}`: {error}", plain.display());
    String::from_utf8(bytes.map_err(failed)?).map_err(|error| failed(error.to_string()))
}

/// Commits that the folder's README names, so that the index says what it was made from.
fn source(readme: &Path) -> String {
    let text = fs::read_to_string(readme).unwrap_or_default();
    let words = text.split(|each: char| !each.is_ascii_alphanumeric());
    let commits: Vec<&str> = words
        .filter(|word| word.len() == 40 && word.bytes().all(|it| it.is_ascii_hexdigit()))
        .collect();
    match commits.as_slice() {
        [metadata, permissions, ..] => format!(
            "microsoftgraph/msgraph-metadata {}, microsoftgraph/microsoft-graph-devx-content {}",
            &metadata[..12],
            &permissions[..12]
        ),
        _ => "microsoftgraph/msgraph-metadata, microsoftgraph/microsoft-graph-devx-content"
            .to_owned(),
    }
}
