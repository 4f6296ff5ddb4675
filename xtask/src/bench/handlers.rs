//! The crate that the compile-time benchmark checks: many handlers, in several variants.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::layout::Layout;

/// What stands above each handler. The handlers are the same otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    /// The feature of the crate that selects it, and its name in the report.
    pub(crate) name: &'static str,
    attribute: &'static str,
}

/// Every variant; the first is what the others are compared with.
pub(crate) const VARIANTS: [Variant; 5] = [
    PLAIN,
    Variant { name: "attribute", attribute: "#[auth_runtime::with_api_auth_required]" },
    Variant {
        name: "attribute_with_scopes",
        attribute: r#"#[auth_runtime::with_api_auth_required(scopes("read:reports"), max_age = "5m")]"#,
    },
    INSTRUMENT,
    Variant { name: "debug_handler", attribute: "#[axum::debug_handler(state = auth_runtime::Auth)]" },
];

/// Without any attribute.
pub(crate) const PLAIN: Variant = Variant { name: "plain", attribute: "" };

/// The attribute that many handlers carry anyway: what is usual is measured by it.
pub(crate) const INSTRUMENT: Variant =
    Variant { name: "instrument", attribute: "#[tracing::instrument(skip_all)]" };

/// Writes the crate; gives the path of its manifest.
pub(crate) fn write(layout: &Layout, handlers: usize) -> io::Result<PathBuf> {
    let folder = layout.target.join("bench/compile");
    fs::create_dir_all(folder.join("src"))?;
    let manifest = folder.join("Cargo.toml");
    fs::write(&manifest, manifest_text(&layout.root))?;
    // The versions that the workspace uses, so that nothing has to be resolved or fetched anew.
    fs::copy(layout.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    fs::write(root_file(layout), root_text())?;
    for variant in VARIANTS {
        let file = folder.join("src").join(format!("{}.rs", variant.name));
        fs::write(file, variant_text(variant, handlers))?;
    }
    Ok(manifest)
}

/// The file whose new modification time makes cargo check the crate again.
pub(crate) fn root_file(layout: &Layout) -> PathBuf {
    layout.target.join("bench/compile/src/lib.rs")
}

fn manifest_text(root: &Path) -> String {
    // In quotes and with its backslashes escaped, as TOML wants it.
    let runtime = root.join("auth-runtime").display().to_string();
    let mut text = format!(
        r#"[package]
name = "bench-compile"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
auth-runtime = {{ path = {runtime:?}, default-features = false, features = ["macros"] }}
axum = {{ version = "0.8", default-features = false, features = ["json", "macros"] }}
serde_json = "1"
tracing = {{ version = "0.1", default-features = false, features = ["attributes"] }}

[workspace]

[features]
"#
    );
    for variant in VARIANTS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} = []", variant.name);
    }
    text
}

fn root_text() -> String {
    let mut text = String::new();
    for Variant { name, .. } in VARIANTS {
        let _ = writeln!(text, "#[cfg(feature = \"{name}\")]\npub mod {name};");
    }
    text
}

/// A handler with what handlers have: a path parameter, the user, an error and a few lines of body.
fn variant_text(variant: Variant, handlers: usize) -> String {
    let mut text = String::from(
        "use auth_runtime::User;\nuse axum::Json;\nuse axum::extract::Path;\nuse axum::http::StatusCode;\n\
         use serde_json::{Value, json};\n",
    );
    for number in 0..handlers {
        let attribute = variant.attribute;
        let _ = write!(
            text,
            r#"
{attribute}
pub async fn report_{number}(Path(id): Path<u64>, user: User) -> Result<Json<Value>, StatusCode> {{
    let Some(name) = user.name() else {{
        return Err(StatusCode::NOT_FOUND);
    }};
    if id == {number} {{
        return Err(StatusCode::CONFLICT);
    }}
    let title = format!("report {{id}} of {{name}}");
    Ok(Json(json!({{ "id": id, "title": title }})))
}}
"#
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_differ_in_the_attribute_alone() {
        for variant in VARIANTS {
            let text = variant_text(variant, 3);
            assert_eq!(text.matches("pub async fn").count(), 3);
            assert_eq!(text.replace(variant.attribute, ""), variant_text(PLAIN, 3));
        }
    }

    #[test]
    fn every_variant_is_a_feature_and_a_module() {
        for Variant { name, .. } in VARIANTS {
            assert!(manifest_text(Path::new("/project")).contains(&format!("\n{name} = []\n")));
            assert!(root_text().contains(&format!("pub mod {name};")));
        }
    }
}
