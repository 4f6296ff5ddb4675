//! OpenAPI descriptions of protected operations (feature `utoipa`).
//!
//! A handler with `#[with_api_auth_required]` above `#[utoipa::path]` is described completely: its operation requires
//! the session, with the scopes of the attribute, and lists the refusals. [`SessionCookie`] describes the session's cookie:
//!
//! ```
//! # #[cfg(feature = "macros")] {
//! use auth_runtime::openapi::SessionCookie;
//! use auth_runtime::with_api_auth_required;
//! use utoipa::OpenApi;
//!
//! #[with_api_auth_required(scopes("read:reports"))]
//! #[utoipa::path(get, path = "/api/report", responses((status = 200, description = "The report")))]
//! async fn report() -> &'static str {
//!     "the report"
//! }
//!
//! #[derive(OpenApi)]
//! #[openapi(paths(report), modifiers(&SessionCookie))]
//! struct Api;
//!
//! let document = serde_json::to_value(Api::openapi())?;
//! let operation = &document["paths"]["/api/report"]["get"];
//! assert_eq!(operation["security"][0]["session"][0], "read:reports");
//! for status in ["200", "401", "403"] {
//!     assert!(operation["responses"].get(status).is_some());
//! }
//! assert_eq!(document["components"]["securitySchemes"]["session"]["in"], "cookie");
//! # }
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! If `#[with_api_auth_required]` stands below `#[utoipa::path]`, it cannot describe the operation. [`describe`] then
//! adds the same to a finished document, from the routes of a [`routing::Router`](crate::routing::Router).

use std::collections::BTreeMap;
use std::marker::PhantomData;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, RefOr};
use utoipa::{IntoResponses, Modify};

use crate::auth::Auth;
use crate::guard::Requirements;
use crate::policy::{Protection, Requirement};
use crate::reject::{JSON, PROBLEM_JSON};
use crate::routing::{Access, Route};

/// The name of the security scheme that operations require.
pub const SCHEME: &str = "session";

/// A modifier that describes the session's cookie under its usual name, `__session`, as the security scheme `session`.
/// Write it as `#[openapi(modifiers(&SessionCookie))]`. If the cookie has another name, call [`describe`] instead.
///
/// ```
/// use auth_runtime::openapi::{SCHEME, SessionCookie};
/// use utoipa::OpenApi;
///
/// #[derive(OpenApi)]
/// #[openapi(modifiers(&SessionCookie))]
/// struct Api;
///
/// let components = Api::openapi().components.unwrap_or_default();
/// assert!(components.security_schemes.contains_key(SCHEME));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie;

impl Modify for SessionCookie {
    fn modify(&self, document: &mut OpenApi) {
        add_scheme(document, "__session");
    }
}

/// Describes the session's cookie as `auth` names it. For every operation whose method and path is one of `routes`,
/// adds what its handler requires and how it refuses. What the document already says of an operation stays.
///
/// If the service answers every refusal as a problem ([`problem_json`](crate::AuthBuilder::problem_json)), the refusals
/// are described as `application/problem+json`, also those that the attribute has described: it knows the handler and
/// not the service.
///
/// ```
/// use auth_runtime::routing::Router;
/// use auth_runtime::{Auth, openapi};
///
/// fn complete(document: &mut utoipa::openapi::OpenApi, auth: &Auth, router: &Router) {
///     openapi::describe(document, auth, router.routes());
/// }
/// ```
pub fn describe(document: &mut OpenApi, auth: &Auth, routes: &[Route]) {
    add_scheme(document, auth.codec().cookie_name().as_str());
    for route in routes {
        // A public route demands nothing, and the demands of an unchecked one are not known.
        let Access::Protected(protection) = route.access() else { continue };
        let Some(item) = document.paths.paths.get_mut(&documented_path(route.path())) else { continue };
        for method in route.answers(routes) {
            if let Some(operation) = operation(item, method) {
                let asks_for_its_site = !is_safe(method) && !auth.csrf().is_disabled;
                secure(operation, protection, method == "GET", asks_for_its_site);
                if auth.rejections().problem_json {
                    describe_problems(operation);
                }
            }
        }
    }
}

/// The refusals of a handler with these requirements, as responses. `IS_GET` is true for an operation of GET, and
/// `IS_UNSAFE` for an operation of a method that may change something. Named by generated code.
#[derive(Debug)]
pub struct Refusals<R, const IS_GET: bool, const IS_UNSAFE: bool>(PhantomData<R>);

impl<R: Requirements, const IS_GET: bool, const IS_UNSAFE: bool> IntoResponses
    for Refusals<R, IS_GET, IS_UNSAFE>
{
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(R::PROTECTION, IS_GET, IS_UNSAFE)
            .into_iter()
            .map(|(status, response)| (status.to_owned(), response.into()))
            .collect()
    }
}

fn add_scheme(document: &mut OpenApi, cookie: &str) {
    let description = "The session that signing in begins. The browser sends it by itself.";
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(cookie, description));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(SCHEME, SecurityScheme::ApiKey(cookie));
}

/// Returns a path of axum as OpenAPI writes it: `{*rest}` is `{rest}`.
fn documented_path(path: &str) -> String {
    path.replace("{*", "{")
}

/// Returns the document's operation for this method.
fn operation<'i>(item: &'i mut PathItem, method: &str) -> Option<&'i mut Operation> {
    let operation = match method {
        "DELETE" => &mut item.delete,
        "GET" => &mut item.get,
        "HEAD" => &mut item.head,
        "OPTIONS" => &mut item.options,
        "PATCH" => &mut item.patch,
        "POST" => &mut item.post,
        "PUT" => &mut item.put,
        "TRACE" => &mut item.trace,
        _ => return None,
    };
    operation.as_mut()
}

fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

fn secure(operation: &mut Operation, protection: &Protection, is_get: bool, is_unsafe: bool) {
    if operation.security.is_none() {
        let required = SecurityRequirement::new(SCHEME, protection.scopes());
        // An empty requirement beside it makes it optional (OpenAPI 3.1 §4.8.30).
        let optional = protection.admits_anybody().then(SecurityRequirement::default);
        operation.security = Some(optional.into_iter().chain([required]).collect());
    }
    for (status, response) in refusals(protection, is_get, is_unsafe) {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
}

/// Describes the operation's refusals as problems. Responses with a body of the application's own stay.
fn describe_problems(operation: &mut Operation) {
    let plain = RefOr::T(plain_content());
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        if response.content.get(JSON) == Some(&plain) {
            response.content.clear();
            response.content.insert(PROBLEM_JSON.to_owned(), RefOr::T(problem_content()));
        }
    }
}

/// Returns the status and the response of each way in which a request can be refused. Only the navigation of a GET is
/// redirected to the sign-in, and only a request with an unsafe method is refused for the page that sent it.
fn refusals(protection: &Protection, is_get: bool, is_unsafe: bool) -> Vec<(&'static str, Response)> {
    let site = is_unsafe.then_some(ANOTHER_SITE);
    if protection.admits_anybody() {
        // With `optional`, only a session that another site may be using is refused.
        return site.map(|site| ("403", refusal(site.to_owned()))).into_iter().collect();
    }
    let mut refusals = Vec::new();
    if !protection.policies.is_empty() {
        refusals.push(("400", refused_parameter()));
        refusals.push(("404", refusal("There is no such thing for this user".to_owned())));
    }
    let that = |is_meant: fn(&Requirement) -> bool| -> Vec<&Requirement> {
        protection.requirements.iter().filter(|requirement| is_meant(requirement)).collect()
    };
    // A group may be of both kinds.
    let (step_up, rights) = (that(Requirement::concerns_sign_in), that(Requirement::concerns_rights));
    if protection.login && is_get {
        // A policy may demand a stronger authentication too.
        let description = if step_up.is_empty() && protection.policies.is_empty() {
            "A navigation without a session is sent to the sign-in"
        } else {
            "A navigation without a session, or with one whose authentication is too old or too weak, is sent to \
             the sign-in"
        };
        refusals.push(("303", ResponseBuilder::new().description(description).build()));
    }
    refusals.push((
        "401",
        refusal(match step_up.as_slice() {
            [] => "No user is signed in".to_owned(),
            step_up => format!("No user is signed in, or not as required: {}", listed(step_up)),
        }),
    ));
    let lacking = match rights.as_slice() {
        [] if protection.policies.is_empty() => None,
        [] => Some("The user may not do this".to_owned()),
        rights => Some(format!("The user may not do this. Required: {}", listed(rights))),
    };
    let forbidden: Vec<String> = site.map(str::to_owned).into_iter().chain(lacking).collect();
    if !forbidden.is_empty() {
        refusals.push(("403", refusal(forbidden.join(". Or: "))));
    }
    if !protection.policies.is_empty() {
        refusals.push(("503", refusal("The policy could not be evaluated".to_owned())));
    }
    refusals
}

/// Returns the response of an extractor of a policy, whose body is the extractor's own.
fn refused_parameter() -> Response {
    let description = "A part of the request that the policy needs, such as the path, is malformed";
    ResponseBuilder::new().description(description).build()
}

fn listed(requirements: &[&Requirement]) -> String {
    requirements.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns a refusal with the body that all refusals have.
fn refusal(description: String) -> Response {
    ResponseBuilder::new().description(description).content(JSON, plain_content()).build()
}

/// Describes the members that every refusal has.
fn plain_members() -> ObjectBuilder {
    ObjectBuilder::new()
        .property("error", text().description(Some("A stable code")))
        .required("error")
        .property("description", text())
        .required("description")
}

fn plain_content() -> Content {
    ContentBuilder::new().schema(Some(plain_members())).build()
}

/// Describes the body of a refusal that is a problem (RFC 9457 §3.1).
fn problem_content() -> Content {
    let members = ["type", "title", "detail"];
    let problem =
        members.into_iter().fold(plain_members(), |body, name| body.property(name, text()).required(name));
    let status = ObjectBuilder::new().schema_type(Type::Integer);
    ContentBuilder::new().schema(Some(problem.property("status", status).required("status"))).build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

const ANOTHER_SITE: &str = "The request does not come from a page of this application";
