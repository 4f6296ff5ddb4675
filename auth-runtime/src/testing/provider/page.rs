//! The provider's pages: HTML without scripts and without anything from other hosts.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use sha2::{Digest, Sha256};
use url::Url;

use super::SampleUser;
use super::server::answer;
use crate::routes::escape;

/// Returns the sign-in page, with a button for each user. `request` is the query string of the authorization request,
/// which the browser sends back with the form. `origins` are those that the redirects after the form may lead to.
pub(super) fn sign_in(
    users: &[SampleUser],
    request: &str,
    redirect_uri: &Url,
    origins: &BTreeSet<String>,
) -> Response {
    let mut main = format!(
        "<h1>Sign in</h1>\n<p>Sample users of a provider for development. There are no passwords.</p>\n\
         <form method=\"post\" action=\"/authorize/decision\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{}\">\n<ul>\n",
        escape(request)
    );
    for (index, user) in users.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            main,
            "<li><button name=\"user\" value=\"{index}\"><span class=\"mark\" aria-hidden=\"true\">{}</span>\
             <span class=\"who\"><span class=\"name\">{}</span> <span class=\"mail\">{}</span></span></button></li>",
            escape(&initials(user.name())),
            escape(user.name()),
            escape(user.email()),
        );
    }
    main.push_str("</ul>\n</form>\n<p class=\"to\">You return to <strong>");
    main.push_str(&escape(&redirect_uri.origin().ascii_serialization()));
    main.push_str("</strong></p>");
    // Browsers apply `form-action` to every redirect that follows the form: to the one that answers it, and to those of
    // the application from there on.
    let form_action = origins.iter().fold("'self'".to_owned(), |list, origin| list + " " + origin);
    page(StatusCode::OK, "Sign in", &main, &form_action)
}

pub(super) fn signed_out() -> Response {
    page(StatusCode::OK, "Signed out", "<h1>Signed out</h1>\n<p>You can close this page.</p>", "'none'")
}

/// The parameter with the address to which the browser returns, and the methods that register such an address.
pub(super) struct ReturnParameter {
    name: &'static str,
    builder_method: &'static str,
    running_method: &'static str,
}

/// The address after a sign-in.
pub(super) const REDIRECT_URI: ReturnParameter = ReturnParameter {
    name: "redirect_uri",
    builder_method: "redirect_uri",
    running_method: "allow_redirect_uri",
};

/// The address after a sign-out.
pub(super) const POST_LOGOUT_REDIRECT_URI: ReturnParameter = ReturnParameter {
    name: "post_logout_redirect_uri",
    builder_method: "post_logout_redirect_uri",
    running_method: "allow_post_logout_redirect_uri",
};

/// Returns the error page for a request that wants to return to an address that is not registered. The page names that
/// address, the registered ones, and the methods that register one.
pub(super) fn not_registered(parameter: &ReturnParameter, sent: &str, registered: &[String]) -> Response {
    let ReturnParameter { name, builder_method, running_method } = parameter;
    let mut main = String::from(
        "<h1>That did not work</h1>\n<p>The request wants to return to a URL that is not registered.</p>\n",
    );
    // Writing to a string cannot fail.
    let _ = if sent.is_empty() {
        writeln!(main, "<p>The application sent no <code>{name}</code>.</p>")
    } else {
        writeln!(main, "<p>The application sent this <code>{name}</code>:</p>\n{}", list_of(&[sent]))
    };
    let _ = if registered.is_empty() {
        writeln!(main, "<p>The provider has none registered.</p>")
    } else {
        writeln!(main, "<p>The provider has these registered:</p>\n{}", list_of(registered))
    };
    let _ = write!(
        main,
        "<p>They are compared byte for byte. Register the address with <code>Provider::builder().{builder_method}(\"…\")</code>, \
         or with <code>{running_method}(\"…\")</code> once the provider runs. If the application should have sent another \
         address, correct its <code>APP_BASE_URL</code>.</p>"
    );
    page(StatusCode::BAD_REQUEST, "Error", &main, "'none'")
}

fn list_of(addresses: &[impl AsRef<str>]) -> String {
    let items = addresses.iter().map(|address| format!("<li><code>{}</code></li>", escape(address.as_ref())));
    format!("<ul>{}</ul>", items.collect::<String>())
}

/// Returns an error page. `reason` is a text of this provider: the page shows nothing of the request.
pub(super) fn error(status: StatusCode, reason: &str) -> Response {
    let main = format!("<h1>That did not work</h1>\n<p>{}</p>", escape(reason));
    page(status, "Error", &main, "'none'")
}

fn page(status: StatusCode, title: &str, main: &str, form_action: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} – Sample provider</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{main}\n</main>\n</body>\n</html>\n"
    );
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    answer(status, &headers, html)
}

fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect()
}

const STYLE: &str = "
:root { color-scheme: light dark; --ground: #f4f5f7; --card: #fff; --ink: #16181d; --soft: #5a6070; --line: #d5d9e0; --accent: #2f4bd8; --on-accent: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #101216; --card: #1a1d23; --ink: #eceef2; --soft: #a3aab8; --line: #353a45; --accent: #9db0ff; --on-accent: #101216; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1.25rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 25rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
p { margin: 0; color: var(--soft); }
code { font-size: .875rem; color: var(--ink); overflow-wrap: anywhere; }
ul { margin: 1.5rem 0; padding: 0; list-style: none; display: grid; gap: .625rem; }
button { width: 100%; display: flex; align-items: center; gap: .875rem; padding: .75rem .875rem; font: inherit; text-align: start; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .75rem; cursor: pointer; }
button:hover { border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.mark { flex: none; width: 2.5rem; height: 2.5rem; display: grid; place-items: center; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-weight: 600; font-size: .875rem; }
.who { min-width: 0; display: grid; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.mail, .to { font-size: .875rem; color: var(--soft); overflow-wrap: anywhere; }
.to strong { font-weight: 600; color: var(--ink); }
@media (max-width: 30rem) { body { padding: 0; place-items: start stretch; background: var(--card); } main { max-width: none; padding: 2rem 1.25rem; border: 0; border-radius: 0; } }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csr_11_the_policy_allows_the_way_back_and_nothing_else() {
        let redirect_uri = Url::parse("http://localhost:3000/auth/callback").unwrap();
        let origins = ["http://localhost:3000", "http://localhost:5173"].map(str::to_owned).into();
        let response = sign_in(&[SampleUser::new("Ada", "ada@example.com")], "a=b", &redirect_uri, &origins);
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        let style = STANDARD.encode(Sha256::digest(STYLE));
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; style-src 'sha256-{style}'; \
                 form-action 'self' http://localhost:3000 http://localhost:5173; base-uri 'none'; frame-ancestors 'none'"
            )
        );
    }
}
