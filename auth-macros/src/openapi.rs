//! The description of a guard in a `#[utoipa::path]` below the attribute (feature `utoipa`).

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Attribute, Meta};

use crate::options::{Demand, Requirement};
use crate::paths::Paths;
use crate::requirements::Protection;

/// The facts about a guard that the description of an operation names.
struct Described<'a> {
    /// The type that carries the handler's requirements.
    marker: &'a TokenStream,
    /// The scopes that every caller needs.
    scopes: Vec<&'a str>,
    /// True if the handler runs without a session too.
    optional: bool,
}

/// Adds the security requirement and the refusals to each `#[utoipa::path(..)]` among the attributes, also to one in a
/// `#[cfg_attr(..)]`. What the attribute already says takes precedence.
///
/// ```text
/// // in
/// #[utoipa::path(get, path = "/report", responses((status = 200)))]
///
/// // out; every path starts at ::auth_runtime
/// #[utoipa::path(get, path = "/report", responses(__private::Refusals<Marker, true, false>, (status = 200)),
///     security(("session" = ["read:reports"])))]
/// ```
pub(crate) fn describe(
    attributes: &mut [Attribute],
    marker: &TokenStream,
    protection: Option<&Protection>,
    paths: &Paths,
) {
    let mut scopes = Vec::new();
    if let Some(protection) = protection {
        collect_scopes(&protection.requirements, &mut scopes);
    }
    let described =
        &Described { marker, scopes, optional: protection.is_some_and(|protection| protection.optional) };
    for attribute in attributes {
        let Meta::List(list) = &mut attribute.meta else { continue };
        if list.path.is_ident("cfg_attr") {
            list.tokens = describe_conditional(list.tokens.clone(), described, paths);
        } else if is_operation(&list.path) {
            list.tokens = describe_operation(list.tokens.clone(), described, paths);
        }
    }
}

/// Collects the scopes that every caller needs, each once. `all(..)` is no level of its own: `a, all(b, c)` is `a, b,
/// c`.
fn collect_scopes<'a>(requirements: &'a [Requirement], found: &mut Vec<&'a str>) {
    for requirement in requirements {
        match &requirement.demand {
            Demand::All(group) => collect_scopes(group, found),
            Demand::Scopes(scopes) => {
                for scope in scopes {
                    if !found.contains(&scope.as_str()) {
                        found.push(scope);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_operation(path: &syn::Path) -> bool {
    let mut last = path.segments.iter().rev();
    last.next().is_some_and(|segment| segment.ident == "path")
        && last.next().is_some_and(|segment| segment.ident == "utoipa")
}

/// Describes the operation in `predicate, utoipa::path(..)`: the group after the words `utoipa::path`.
fn describe_conditional(tokens: TokenStream, described: &Described<'_>, paths: &Paths) -> TokenStream {
    let mut words = [String::new(), String::new(), String::new(), String::new()];
    let rewrite = |token: TokenTree| {
        let is_operation = words == ["utoipa", ":", ":", "path"];
        words.rotate_left(1);
        if let Some(last) = words.last_mut() {
            *last = token.to_string();
        }
        match token {
            TokenTree::Group(group) if is_operation => {
                with_content(&group, describe_operation(group.stream(), described, paths)).into()
            }
            other => other,
        }
    };
    tokens.into_iter().map(rewrite).collect()
}

fn describe_operation(tokens: TokenStream, described: &Described<'_>, paths: &Paths) -> TokenStream {
    let Described { marker, scopes, optional } = described;
    let span = Span::mixed_site();
    let refusals = paths.refusals(span);
    let is_get = names_method(tokens.clone(), &["get"]);
    let is_unsafe = names_method(tokens.clone(), UNSAFE_METHODS);
    let refusals = quote_spanned!(span=> #refusals<#marker, #is_get, #is_unsafe>);
    let mut has_responses = false;
    let mut has_security = false;
    let mut previous = String::new();
    let mut described = TokenStream::new();
    for token in tokens {
        let word = std::mem::replace(&mut previous, token.to_string());
        let token = match token {
            TokenTree::Group(group) if word == "responses" => {
                has_responses = true;
                let own = group.stream();
                // In front, so that what the author says of a status counts.
                with_content(&group, quote!(#refusals, #own)).into()
            }
            other => other,
        };
        has_security |= previous == "security";
        described.extend([token]);
    }
    if previous != "," {
        described.extend(quote!(,));
    }
    if !has_responses {
        described.extend(quote_spanned!(span=> responses(#refusals),));
    }
    if !has_security {
        // An empty requirement beside the other one makes it optional.
        let nobody = optional.then(|| quote_spanned!(span=> (),));
        described.extend(quote_spanned!(span=> security(#nobody ("session" = [#(#scopes),*])),));
    }
    described
}

/// Returns whether one of these methods is among the arguments, alone or in `method(..)`.
fn names_method(arguments: TokenStream, methods: &[&str]) -> bool {
    let mut previous = String::new();
    arguments.into_iter().any(|token| {
        let word = std::mem::replace(&mut previous, token.to_string());
        match token {
            TokenTree::Ident(ident) => {
                (word.is_empty() || word == ",") && methods.iter().any(|method| ident == method)
            }
            TokenTree::Group(group) => word == "method" && names_method(group.stream(), methods),
            _ => false,
        }
    })
}

fn with_content(group: &Group, content: TokenStream) -> Group {
    let mut changed = Group::new(Delimiter::Parenthesis, content);
    changed.set_span(group.span());
    changed
}

/// Methods of which a guard checks which page sent the request. OpenAPI has no others that are not safe (RFC 9110
/// §9.2.1).
const UNSAFE_METHODS: &[&str] = &["delete", "patch", "post", "put"];

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what becomes of an attribute on a handler with these options.
    fn described(attribute: &TokenStream, options: TokenStream) -> String {
        let expansion =
            crate::attribute::with_api_auth_required(options, quote!(#attribute async fn handler() {}));
        let file: syn::File = syn::parse2(expansion).unwrap();
        let handler = file.items.iter().find_map(|item| match item {
            syn::Item::Fn(function) => Some(function),
            _ => None,
        });
        let mut attributes = handler.unwrap().attrs.clone();
        attributes.retain(|attribute| attribute.path().segments.last().unwrap().ident != "behind");
        quote!(#(#attributes)*).to_string()
    }

    #[test]
    fn refusals_come_first_and_the_session_is_required() {
        let refusals = quote!(
            ::auth_runtime::__private::Refusals<__HandlerRequirementsInAnImplPutTheAttributeOnTheBlock, true, false>
        );
        let expected = quote! {
            #[utoipa::path(get, path = "/a", responses(#refusals, (status = 200)), security(("session" = ["read:a", "write:a"])),)]
        };
        let written = quote!(#[utoipa::path(get, path = "/a", responses((status = 200)))]);
        assert_eq!(described(&written, quote!(scopes("read:a", "write:a"))), expected.to_string());
    }

    #[test]
    fn what_is_not_written_is_added() {
        let text = described(&quote!(#[utoipa::path(get,)]), quote!(optional));
        assert!(text.contains("get , responses (:: auth_runtime"), "{text}");
        assert!(text.contains(r#"security (() , ("session""#), "{text}");
    }

    #[test]
    fn scopes_in_a_group_of_which_all_are_needed_are_named_once() {
        let options = quote!(scopes("a"), all(scopes("b", "a"), any(scopes("c"), roles("d"))));
        let text = described(&quote!(#[utoipa::path(get)]), options);
        assert!(text.contains(r#"("session" = ["a" , "b"])"#), "{text}");
    }

    #[test]
    fn the_methods_of_an_operation_say_how_it_refuses() {
        // A GET may be a navigation; an unsafe method may come from another site.
        let cases = [
            (quote!(get, path = "/a"), true, false),
            (quote!(path = "/a", get), true, false),
            (quote!(method(head, get), path = "/a"), true, false),
            (quote!(method(get, post), path = "/a"), true, true),
            (quote!(head, path = "/a"), false, false),
            (quote!(options, path = "/a"), false, false),
            (quote!(delete), false, true),
            (quote!(patch), false, true),
            (quote!(post, path = "/get", operation_id = get), false, true),
            (quote!(method(put, post), tags(get)), false, true),
            (quote!(get, tags(post)), true, false),
            (quote!(post, responses((status = 200, description = "get"))), false, true),
        ];
        for (arguments, is_get, is_unsafe) in cases {
            let text = described(&quote!(#[utoipa::path(#arguments)]), quote!(login));
            assert!(text.contains(&format!("Block , {is_get} , {is_unsafe} >")), "{text}");
        }
    }

    #[test]
    fn security_that_is_written_stays() {
        let text = described(&quote!(#[utoipa::path(get, security(("key" = [])))]), TokenStream::new());
        assert!(!text.contains("session"), "{text}");
    }

    #[test]
    fn a_conditional_operation_is_described_too() {
        let text = described(
            &quote!(#[cfg_attr(feature = "docs", utoipa::path(get, path = "/a"), inline)]),
            TokenStream::new(),
        );
        assert!(text.contains("Refusals"), "{text}");
        assert!(text.contains(") , inline"), "{text}");
    }

    #[test]
    fn other_attributes_stay() {
        for other in [quote!(#[path(get)]), quote!(#[doc = "utoipa::path(get)"]), quote!(#[other::path(get)])]
        {
            assert_eq!(described(&other, TokenStream::new()), other.to_string());
        }
    }
}
