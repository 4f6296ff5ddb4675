//! Protected operations in an OpenAPI document.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::unused_async, reason = "a policy is an `async fn`, also where it waits for nothing")]

use auth_runtime::openapi::{self, SessionCookie};
use auth_runtime::policy::{Decision, Permitted, policy};
use auth_runtime::routing::{MethodRouter, Router, any, get, post};
use auth_runtime::{Auth, public, testing, with_api_auth_required};
use axum::extract::Path;
use serde_json::{Value, json};
use utoipa::OpenApi;

#[with_api_auth_required(scopes("read:reports"), max_age = "5m")]
#[utoipa::path(get, path = "/report", responses((status = 200, description = "The report")))]
async fn described() {}

#[with_api_auth_required]
#[cfg_attr(all(), utoipa::path(get, path = "/me"))]
async fn conditional() {}

#[with_api_auth_required(optional)]
#[utoipa::path(get, path = "/greeting")]
async fn optional() {}

#[with_api_auth_required(roles("editor"), login)]
#[utoipa::path(
    post,
    path = "/edit",
    responses((status = 403, description = "Editors only")),
    security(("key" = []))
)]
async fn own_words() {}

#[with_api_auth_required(login)]
#[utoipa::path(get, path = "/page")]
async fn page() {}

#[with_api_auth_required(login, max_age = "5m")]
#[utoipa::path(get, path = "/account")]
async fn account() {}

#[with_api_auth_required(scopes("a"), all(scopes("b", "a"), max_age = "5m"), any(amr("mfa"), roles("admin")))]
#[utoipa::path(get, path = "/grouped")]
async fn grouped() {}

#[with_api_auth_required(all(acr("gold"), max_age = "5m"))]
#[utoipa::path(get, path = "/fresh")]
async fn fresh() {}

#[utoipa::path(get, path = "/thing")]
#[with_api_auth_required(roles("reader"), login)]
async fn read() {}

#[utoipa::path(put, path = "/thing")]
#[with_api_auth_required(login)]
async fn change() {}

#[utoipa::path(head, path = "/thing")]
#[public]
async fn look() {}

#[utoipa::path(post, path = "/late/{id}", responses((status = 200, description = "Done")))]
#[with_api_auth_required(permissions("late:write"))]
async fn described_above() {}

#[with_api_auth_required]
#[utoipa::path(delete, path = "/plain")]
async fn remove() {}

#[with_api_auth_required(optional)]
#[utoipa::path(method(put, trace), path = "/plain")]
async fn put_by_anybody() {}

#[utoipa::path(get, path = "/about")]
#[public]
async fn about() {}

#[policy]
async fn owns_order(Path(id): Path<u64>) -> Decision<u64> {
    Decision::Allow(id)
}

#[with_api_auth_required(policy = owns_order)]
#[utoipa::path(get, path = "/order/{id}", responses((status = 404, description = "No such order")))]
async fn decided(Permitted(_order): Permitted<u64>) {}

#[utoipa::path(delete, path = "/order/{id}")]
#[with_api_auth_required(policy = owns_order)]
async fn decided_above(Permitted(_order): Permitted<u64>) {}

#[derive(OpenApi)]
#[openapi(
    paths(
        decided,
        decided_above,
        described,
        conditional,
        optional,
        own_words,
        page,
        account,
        grouped,
        fresh,
        read,
        change,
        look,
        described_above,
        remove,
        put_by_anybody,
        about
    ),
    modifiers(&SessionCookie)
)]
struct Api;

fn document() -> Value {
    serde_json::to_value(Api::openapi()).unwrap()
}

fn statuses(operation: &Value) -> Vec<&str> {
    operation["responses"]
        .as_object()
        .map(|responses| responses.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[test]
fn an_operation_requires_the_session_with_its_scopes_and_lists_its_refusals() {
    let document = document();
    let operation = &document["paths"]["/report"]["get"];
    assert_eq!(operation["security"], json!([{ "session": ["read:reports"] }]));
    assert_eq!(statuses(operation), ["200", "401", "403"]);
    let refused = &operation["responses"]["403"];
    assert!(refused["description"].as_str().unwrap().contains(r#"scopes("read:reports")"#), "{refused}");
    assert_eq!(refused["content"]["application/json"]["schema"]["required"], json!(["error", "description"]));
    let stale = operation["responses"]["401"]["description"].as_str().unwrap();
    assert!(stale.contains(r#"max_age = "5m""#), "{stale}");
}

#[test]
fn the_answers_of_a_policy_and_of_its_parameters_are_described() {
    let document = document();
    let operation = &document["paths"]["/order/{id}"]["get"];
    assert_eq!(statuses(operation), ["400", "401", "403", "404", "503"]);
    let responses = &operation["responses"];
    assert_eq!(responses["404"]["description"], "No such order");
    // The body is that of the extractor.
    assert!(responses["400"].get("content").is_none(), "{responses}");
    assert_eq!(responses["503"]["content"]["application/json"]["schema"]["required"][0], "error");
    let finished = completed(&Router::new().route("/order/{id}", any(decided_above)));
    let operation = &finished["paths"]["/order/{id}"]["delete"];
    assert_eq!(statuses(operation), ["400", "401", "403", "404", "503"]);
}

#[test]
fn a_plain_attribute_and_a_conditional_operation_are_described() {
    let document = document();
    let operation = &document["paths"]["/me"]["get"];
    assert_eq!(operation["security"], json!([{ "session": [] }]));
    assert_eq!(statuses(operation), ["401"]);
}

#[test]
fn an_optional_session_is_described_as_optional() {
    let document = document();
    let operation = &document["paths"]["/greeting"]["get"];
    assert_eq!(operation["security"], json!([{}, { "session": [] }]));
    assert_eq!(statuses(operation), Vec::<&str>::new());
}

#[test]
fn what_the_author_says_counts() {
    let document = document();
    let operation = &document["paths"]["/edit"]["post"];
    assert_eq!(operation["security"], json!([{ "key": [] }]));
    assert_eq!(operation["responses"]["403"]["description"], "Editors only");
    assert_eq!(statuses(operation), ["401", "403"]);
}

/// Other methods are not navigations that could be sent on.
#[test]
fn only_a_get_is_sent_to_the_sign_in() {
    let document = document();
    assert_eq!(statuses(&document["paths"]["/page"]["get"]), ["303", "401"]);
    let description = |path: &str| document["paths"][path]["get"]["responses"]["303"]["description"].clone();
    assert_eq!(description("/page"), "A navigation without a session is sent to the sign-in");
    assert_eq!(
        description("/account"),
        "A navigation without a session, or with one whose authentication is too old or too weak, is sent to the sign-in"
    );
    assert_eq!(statuses(&document["paths"]["/edit"]["post"]), ["401", "403"]);
}

/// What another site may not do, by the attribute and from the routes.
#[test]
fn csr_01_an_unsafe_operation_may_be_refused_for_its_site() {
    let written = document();
    let described =
        |operation: &Value| operation["responses"]["403"]["description"].as_str().map(str::to_owned);
    let plain = &written["paths"]["/plain"];
    let expected = "The request does not come from a page of this application";
    assert_eq!(statuses(&plain["delete"]), ["401", "403"]);
    assert_eq!(described(&plain["delete"]).unwrap(), expected);
    assert_eq!(statuses(&plain["put"]), ["403"]);
    assert_eq!(statuses(&written["paths"]["/me"]["get"]), ["401"]);

    let router = Router::new().route("/late/{id}", post(described_above)).route("/thing", any(change));
    let finished = completed(&router);
    assert_eq!(
        described(&finished["paths"]["/late/{id}"]["post"]).unwrap(),
        format!(r#"{expected}. Or: The user may not do this. Required: permissions("late:write")"#)
    );
    assert_eq!(statuses(&finished["paths"]["/thing"]["get"]), ["303", "401"]);
    let off = Auth::builder().secret(testing::secret()).danger_disable_csrf_protection().build().unwrap();
    let mut document = Api::openapi();
    openapi::describe(&mut document, &off, router.routes());
    let finished = serde_json::to_value(document).unwrap();
    assert_eq!(statuses(&finished["paths"]["/thing"]["put"]), ["401"]);
}

#[test]
fn a_group_contributes_to_every_refusal_that_it_may_end_in() {
    let document = document();
    let operation = &document["paths"]["/grouped"]["get"];
    assert_eq!(operation["security"], json!([{ "session": ["a", "b"] }]));
    for status in ["401", "403"] {
        let description = operation["responses"][status]["description"].as_str().unwrap();
        assert!(description.contains("any("), "{description}");
    }
    assert_eq!(statuses(&document["paths"]["/fresh"]["get"]), ["401"]);
}

/// The handler for any method says nothing of a method that has a handler of its own.
#[test]
fn an_operation_is_described_by_the_handler_that_answers_it() {
    let orders: [fn() -> MethodRouter<Auth>; 2] = [|| any(change).get(read), || get(read).merge(any(change))];
    for methods in orders {
        let document = completed(&Router::new().route("/thing", methods()));
        let thing = &document["paths"]["/thing"];
        assert_eq!(statuses(&thing["get"]), ["303", "401", "403"]);
        assert_eq!(statuses(&thing["put"]), ["401", "403"]);
        // GET answers it.
        assert_eq!(statuses(&thing["head"]), ["401", "403"]);
    }
    let fallback = Router::new().route("/thing", get(read).head(look)).method_not_allowed_fallback(change);
    let document = completed(&fallback);
    let thing = &document["paths"]["/thing"];
    assert_eq!(statuses(&thing["get"]), ["303", "401", "403"]);
    assert_eq!(statuses(&thing["head"]), Vec::<&str>::new());
}

/// Groups are read in the same way by the attribute and from the routes.
#[test]
fn a_finished_document_names_the_scopes_of_groups() {
    let mut document = Api::openapi();
    let operation = document.paths.paths.get_mut("/grouped").and_then(|item| item.get.as_mut());
    operation.unwrap().security = None;
    let auth = Auth::builder().secret(testing::secret()).build().unwrap();
    let router: Router<Auth> = Router::new().route("/grouped", get(grouped));
    openapi::describe(&mut document, &auth, router.routes());
    let document = serde_json::to_value(document).unwrap();
    assert_eq!(document["paths"]["/grouped"]["get"]["security"], json!([{ "session": ["a", "b"] }]));
}

fn completed(router: &Router<Auth>) -> Value {
    let auth = Auth::builder().secret(testing::secret()).build().unwrap();
    let mut document = Api::openapi();
    openapi::describe(&mut document, &auth, router.routes());
    serde_json::to_value(document).unwrap()
}

#[test]
fn the_scheme_is_the_sessions_cookie() {
    let scheme = &document()["components"]["securitySchemes"]["session"];
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&json!("apiKey"), &json!("cookie"), &json!("__session"))
    );
}

#[test]
fn a_finished_document_is_completed_from_the_routes() {
    let auth = Auth::builder().secret(testing::secret()).cookie_name("login").build().unwrap();
    let router: Router<Auth> =
        Router::new().route("/late/{id}", post(described_above)).route("/about", get(about));
    let mut document = Api::openapi();
    openapi::describe(&mut document, &auth, router.routes());
    let document = serde_json::to_value(document).unwrap();

    let operation = &document["paths"]["/late/{id}"]["post"];
    assert_eq!(operation["security"], json!([{ "session": [] }]));
    assert_eq!(statuses(operation), ["200", "401", "403"]);
    assert_eq!(document["components"]["securitySchemes"]["session"]["name"], "login");
    assert_eq!(document["paths"]["/about"]["get"].get("security"), None);
}

/// The attribute describes JSON, since it does not know the service. `describe` knows the service.
#[test]
fn s_9457_1_refusals_that_are_problems_are_described_as_problems() {
    let router: Router<Auth> = Router::new()
        .route("/report", get(described))
        .route("/late/{id}", post(described_above))
        .route("/edit", post(own_words))
        .route("/order/{id}", any(decided_above));
    let described_by = |is_problem| {
        let auth = Auth::builder().secret(testing::secret()).problem_json(is_problem).build().unwrap();
        let mut document = Api::openapi();
        openapi::describe(&mut document, &auth, router.routes());
        serde_json::to_value(document).unwrap()["paths"].take()
    };
    let (plain, problems) = (described_by(false), described_by(true));
    let problem = json!({
        "type": "object",
        "required": ["error", "description", "type", "title", "detail", "status"],
        "properties": {
            "error": { "type": "string", "description": "A stable code" },
            "description": { "type": "string" },
            "type": { "type": "string" },
            "title": { "type": "string" },
            "detail": { "type": "string" },
            "status": { "type": "integer" },
        },
    });
    for (path, method, statuses) in [
        ("/report", "get", &["401", "403"][..]),
        ("/late/{id}", "post", &["401", "403"]),
        ("/order/{id}", "delete", &["401", "403", "404", "503"]),
    ] {
        for status in statuses {
            let response = &problems[path][method]["responses"][status];
            let before = &plain[path][method]["responses"][status];
            assert_eq!(
                response["content"],
                json!({ "application/problem+json": { "schema": problem } }),
                "{path}"
            );
            assert_eq!(response["description"], before["description"], "{path}");
            assert!(before["content"].get("application/json").is_some(), "{path}");
        }
    }
    // What the application says itself stays, also of a body that it does not describe.
    for (path, status) in [("/edit", "403"), ("/report", "200")] {
        let method = if path == "/edit" { "post" } else { "get" };
        assert_eq!(problems[path][method]["responses"][status], plain[path][method]["responses"][status]);
    }
}
