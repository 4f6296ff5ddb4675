//! The page: sign in, see who you are, call the API.

use auth_runtime::{User, with_api_auth_required};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse};

/// For everybody, by name where there is one.
#[with_api_auth_required(optional)]
pub(crate) async fn home(user: Option<User>) -> impl IntoResponse {
    let headers = [(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src https: data:; base-uri 'none'; frame-ancestors 'none'",
    )];
    (headers, Html(PAGE.replace("{{account}}", &account(user.as_ref()))))
}

fn account(user: Option<&User>) -> String {
    let Some(user) = user else {
        return "<p class=who>You are not signed in. Try the calls below first: each answers 401.</p>\
                <a class=button href=/auth/login>Sign in</a>"
            .to_owned();
    };
    let name = user.name().unwrap_or_else(|| user.sub());
    let email = user.email().map(|email| format!("<p class=mail>{}</p>", escape(&email)));
    format!(
        "<span class=mark aria-hidden=true>{}</span>\
         <div class=who><p>Signed in as <strong>{}</strong></p>{}</div>\
         <form method=post action=/auth/logout><button>Sign out</button></form>",
        escape(&initials(&name)),
        escape(&name),
        email.unwrap_or_default(),
    )
}

fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect()
}

fn escape(text: &str) -> String {
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

const PAGE: &str = include_str!("page.html");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inj_05_a_name_is_text() {
        assert_eq!(escape("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
    }

    #[test]
    fn the_page_has_a_place_for_the_account() {
        assert_eq!(PAGE.matches("{{account}}").count(), 1);
        assert!(account(None).contains("/auth/login"));
    }
}
