//! The pages of the sign-in: plain HTML without scripts, and without anything of another host.

use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use sha2::{Digest, Sha256};

/// A link of a page.
pub(super) struct Link {
    pub(super) text: &'static str,
    pub(super) target: String,
}

/// Returns a page that says what happened, with one link.
pub(super) fn message(title: &str, text: &str, link: &Link) -> Response {
    let html = fill(&[
        ("title", title),
        ("text", text),
        ("kind", "button"),
        ("target", &link.target),
        ("link", link.text),
    ]);
    page(html, "'none'")
}

/// Returns a page that asks before something is done. Its button posts to `action`. The answer to that may redirect to
/// the sources `leads_to`, written as in the policy: browsers apply a page's `form-action` to redirects, too.
pub(super) fn question(
    title: &str,
    text: &str,
    button: &str,
    action: &str,
    leads_to: &str,
    link: &Link,
) -> Response {
    let form = format!(
        "<form method=\"post\" action=\"{}\"><button>{}</button></form>\n",
        escape(action),
        escape(button)
    );
    let html = fill(&[
        ("title", title),
        ("text", text),
        (FORM, &form),
        ("kind", "quiet"),
        ("target", &link.target),
        ("link", link.text),
    ]);
    let mut response = page(html, &format!("'self' {leads_to}"));
    // With `no-referrer` browsers would send the form with `Origin: null`, and the sign-out would refuse it.
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn page(html: String, form_action: &str) -> Response {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = Html(html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Returns the template with `values` in its places. Each value is escaped except the form, which is made of escaped
/// parts.
fn fill(values: &[(&str, &str)]) -> String {
    let mut parts = TEMPLATE.split("{{");
    let mut html = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((name, rest)) = part.split_once("}}") else { continue };
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        match name {
            "style" => html.push_str(STYLE),
            FORM => html.push_str(value),
            _ => html.push_str(&escape(value)),
        }
        html.push_str(rest);
    }
    html
}

/// Escapes text for an element and for an attribute value in quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

const FORM: &str = "form";
const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inj_05_text_is_escaped() {
        assert_eq!(
            escape("<a href='x' b=\"y\">&</a>"),
            "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;&lt;/a&gt;"
        );
    }

    #[test]
    fn inj_05_whatever_is_put_into_a_page_stays_text() {
        let html = fill(&[
            ("title", "</title><script>1</script>"),
            ("text", "{{style}} {{target}} & 'quoted'"),
            ("kind", "\" onclick=\"x"),
            ("target", "javascript:\"'"),
            ("link", "<b>"),
        ]);
        for markup in ["<script", "<b>", "\" onclick", "{{target}} & "] {
            assert!(!html.contains(markup), "{markup}: {html}");
        }
        assert_eq!(html.matches(STYLE).count(), 1);
        assert!(html.contains("{{style}} {{target}} &amp; &#39;quoted&#39;"));
    }

    #[test]
    fn the_style_ends_no_element() {
        assert!(!STYLE.contains('<'));
    }

    #[test]
    fn csr_11_the_policy_names_the_style_and_nothing_else() {
        let link = Link { text: "On", target: "/".to_owned() };
        let response = message("a", "b", &link);
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("form-action 'none'; base-uri 'none'; frame-ancestors 'none'"), "{policy}");
        let response = question("a", "b", "Go", "/go", "https://id.example.com", &link);
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://id.example.com;"), "{policy}");
        assert_eq!(response.headers()[REFERRER_POLICY], "same-origin");
    }
}
