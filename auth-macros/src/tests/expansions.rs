//! The expansions of handlers.

use proc_macro2::TokenStream;

use super::snapshot::{check, expand, expand_policy};

#[test]
fn the_user_is_implicit_when_no_parameter_binds_it() {
    check_expansions(
        "implicit_user.rs",
        &[
            ("", "async fn nothing() {}"),
            ("", "async fn one(Path(id): Path<u64>) -> Json<u64> { Json(id) }"),
            ("", "async fn underscore(_user: User) -> String { user.sub().to_owned() }"),
            ("", "async fn in_the_type_only(Path(id): Path<user>) -> u64 { id }"),
            ("", "async fn field_name_only(Parts { user: name }: Parts) -> String { name }"),
        ],
    );
}

#[test]
fn the_user_is_explicit_in_any_pattern() {
    for parameter in [
        "user: User",
        "mut user: User",
        "ref user: User",
        "r#user: User",
        "Claims(user): Claims<Mine>",
        "Claims(mut user): Claims<Mine>",
        "(id, user): (Path<u64>, User)",
        "Path((id, user)): Path<(u64, String)>",
        "Parts { user, .. }: Parts",
        "Parts { ref user, .. }: Parts",
        "Parts { name: user }: Parts",
        "Parts { name: (_, user) }: Parts",
        "[first, user]: [User; 2]",
        "&user: &'static User",
        "(user): User",
        "user @ User { .. }: User",
        "whole @ Parts { user, .. }: Parts",
        "(Either::Left(user) | Either::Right(user)): Either<User>",
    ] {
        let item = format!("async fn handler(a: A, {parameter}) {{}}");
        let expansion = expand("", &item).item.to_string();
        assert!(!expansion.contains("let _ = & user"), "`{parameter}` does not count as `user`");
    }
}

#[test]
fn a_parameter_that_binds_something_else_is_not_the_user() {
    for parameter in
        ["_user: User", "users: Users", "User(name): User", "Parts { user: name }: Parts", "_: User"]
    {
        let item = format!("async fn handler(a: A, {parameter}) {{}}");
        let expansion = expand("", &item).item.to_string();
        assert!(expansion.contains("let _ = & user"), "`{parameter}` counts as `user`");
    }
}

#[test]
fn the_signature_is_kept() {
    check_expansions(
        "signature.rs",
        &[
            (
                "",
                "async fn middleware(request: Request, next: middleware::Next) -> Response { next.run(request).await }",
            ),
            ("", "async fn after(_: User, response: (Response)) -> Response { response }"),
            ("", "#[instrument]\nasync fn no_parameters_yet() {}"),
            (
                "",
                "pub(crate) async fn explicit(user: User, mut form: Form<Post>) -> Redirect { form.save(user) }",
            ),
            (
                "",
                "pub async fn generic<'a, S, T: Store + 'a, const N: usize>(State(s): State<S>, body: Json<[T; N]>) \
                 -> Result<Json<T>, Error> where S: Clone + Send, T: Serialize + 'a { s.put(body).await }",
            ),
            (
                "",
                "/// Documented.\n#[deprecated]\n#[cfg_attr(feature = \"trace\", tracing::instrument(skip_all))]\n\
                 async fn attributes(#[cfg(feature = \"a\")] Path(id): Path<u64>, #[cfg(not(feature = \"a\"))] q: Query<Q>) {}",
            ),
            ("", "async fn inner_attributes() -> u8 { #![expect(clippy::unused)] const N: u8 = 1; N }"),
        ],
    );
}

#[test]
fn the_return_type_is_named_and_inferred_where_it_can_not_be() {
    check_expansions(
        "return_type.rs",
        &[
            (
                "",
                "async fn result(user: User) -> Result<Json<User>, (StatusCode, String)> { Ok(Json(user)) }",
            ),
            ("", "async fn opaque(user: User) -> impl IntoResponse + use<> { user.sub() }"),
            (
                "",
                "async fn opaque_inside(user: User) -> Result<(impl Into<u8>, [Vec<impl A>; 2]), Box<dyn Iterator<Item = impl B>>> { todo!() }",
            ),
            ("", "async fn reference(user: User) -> &'static str { \"x\" }"),
        ],
    );
}

#[test]
fn options_change_what_is_written() {
    check_expansions(
        "options.rs",
        &[
            ("state = AppState", "async fn probed(user: User) {}"),
            ("state = Shared<Outer<u8, u16>>,", "async fn generic_state(user: User) {}"),
            ("crate = ::web::auth", "async fn absolute_root() {}"),
            ("crate = crate::auth, state = S", "async fn own_root() -> u8 { 1 }"),
        ],
    );
}

#[test]
fn requirements_become_a_type_beside_the_handler() {
    check_expansions(
        "requirements.rs",
        &[
            ("scopes(\"read:a\", \"read:b\")", "pub async fn read_all(user: User) {}"),
            // The policy may look for the session in the request, so the guard does not count as alone.
            ("policy = Members", "async fn judged() {}"),
            (
                "permissions(\"a\"), roles(\"b\"), org, acr(\"c\"), amr(\"d\", \"e\"), max_age = \"5m\"",
                "pub(crate) async fn r#type(user: User) {}",
            ),
            (
                "claim(\"a\" = \"x\", \"b\" = true), claim(\"c\" = -5), claim(\"d\" = 0x10), claim(\"e\" = -9223372036854775808)",
                "async fn claims(user: User) {}",
            ),
            (
                "any(scopes(\"a\"), all(roles(\"b\"), org(\"org_1\"))), not(claim(\"a\" = 1)), all(roles(\"x\"), all(org)), any(claim(\"c\" = 1, \"d\" = 2))",
                "async fn Groups(user: User) {}",
            ),
            ("policy = Owns, policy = crate::policies::IsOpen<Report>", "async fn policies(user: User) {}"),
            ("cache = \"private,max-age=60\", login", "async fn page(user: User) {}"),
            (
                "scopes(\"a\")",
                "/// Documented.\n#[cfg(unix)]\n#[deprecated]\n#[cfg(not(test))]\nasync fn conditional(user: User) {}",
            ),
            ("crate = crate::auth, org, policy = Owns, state = S", "async fn elsewhere(user: User) {}"),
        ],
    );
}

#[test]
fn a_policy_is_a_type_beside_its_function() {
    let functions = [
        ("", "async fn decides() -> Decision { Decision::Deny }"),
        (
            "crate = ::web::auth",
            "/// Documented.\n#[cfg(unix)]\n#[instrument]\npub async fn owns_order(user: User, Path(id): Path<u64>) \
             -> Result<Decision<Order>, Error> { find(id).await }",
        ),
        (
            "",
            "pub(crate) async fn owns<T: Owned, const N: usize>(State(t): State<Store<T>>) -> Decision<[T; N]> \
             where T: Clone { t.find() }",
        ),
    ];
    let shown: Vec<String> = functions
        .iter()
        .map(|(arguments, item)| {
            let expansion = expand_policy(arguments, item);
            assert!(expansion.errors.is_empty(), "{item}");
            let written = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
            let item = item.replace('\n', "\n// ");
            format!("// #[policy{written}]\n// {item}\n\n{}", pretty(expansion.item))
        })
        .collect();
    check("policy.rs", &shown.join("\n"));
}

#[test]
fn what_a_policy_loaded_is_handed_over() {
    check_expansions(
        "permitted.rs",
        &[
            (
                "policy = owns_order, policy = loads_shop",
                "pub async fn show((Permitted(order)): (Permitted<Order>), #[cfg(unix)] shop: policy::Permitted<Shop>) {}",
            ),
            (
                "policy = owns_order",
                "#[instrument]\nasync fn recorded(order: Permitted<Order>, Path(id): Path<u64>) {}",
            ),
            (
                "policy = owns_order",
                "async fn after(order: Permitted<Order>, response: Response) -> Response { response }",
            ),
        ],
    );
}

#[test]
fn an_optional_user_may_be_absent() {
    check_expansions(
        "optional.rs",
        &[
            ("optional", "async fn implicit() -> bool { user.is_some() }"),
            ("optional", "async fn explicit(user: Option<User>) -> bool { user.is_some() }"),
        ],
    );
}

#[test]
fn m14_attributes_of_the_name_add_up_in_one_guard() {
    check_expansions(
        "absorbed.rs",
        &[
            (
                "scopes(\"a\"), policy = First, cache = \"private\", state = Outer",
                "/// Documented.\n#[with_api_auth_required(scopes(\"b\"), policy = Second, state = Inner)]\n#[other]\n\
                 #[auth_runtime::with_api_auth_required(crate = ::web::auth, login)]\n#[with_api_auth_required]\n\
                 async fn handler(user: User) {}",
            ),
            (
                "",
                "#[cfg_attr(unix, with_api_auth_required(roles(\"a\")))] #[renamed(roles(\"b\"))] async fn handler(user: User) {}",
            ),
        ],
    );
}

#[test]
fn m14_attributes_of_other_names_have_guards_and_types_of_their_own() {
    let once = expand("scopes(\"a\")", "async fn handler(user: User) {}").item;
    let twice = expand_last(once, "roles(\"b\")");
    check("renamed.rs", &pretty(twice));
}

/// Returns what a second attribute under another name makes of the handler, after all that the first one wrote beside
/// it.
fn expand_last(written: TokenStream, arguments: &str) -> TokenStream {
    let mut items = syn::parse2::<syn::File>(written).unwrap().items;
    let handler = items.pop().map(|handler| quote::quote!(#handler)).unwrap();
    let expanded = expand(arguments, &handler.to_string()).item;
    quote::quote!(#(#items)* #expanded)
}

#[test]
fn two_attributes_both_guard() {
    let once = expand("", "async fn twice(Path(id): Path<u64>) -> u64 { id }").item;
    let twice = expand("state = AppState", &once.to_string()).item;
    let thrice = expand("", &twice.to_string()).item;
    check("twice.rs", &format!("{}\n{}", pretty(twice), pretty(thrice)));
}

#[test]
fn a_body_with_a_mistake_in_it_is_kept() {
    let expansion = expand("", "async fn broken(user: User) -> u8 { let = ; user. }");
    assert!(expansion.errors.is_empty());
    check("broken_body.rs", &format!("{}\n", expansion.item));
}

#[test]
fn a_body_in_an_invisible_group_is_found() {
    let body: TokenStream = "{ 1 }".parse().unwrap();
    let group = |stream| {
        let group = proc_macro2::Group::new(proc_macro2::Delimiter::None, stream);
        TokenStream::from(proc_macro2::TokenTree::Group(group))
    };
    let mut item: TokenStream = "async fn handler() -> u8".parse().unwrap();
    item.extend(group(group(body)));
    let expanded = crate::attribute::with_api_auth_required(TokenStream::new(), item);
    assert!(!expanded.to_string().contains("compile_error"), "{expanded}");
}

#[test]
fn a_parameter_under_cfg_is_not_counted() {
    let mut inputs = "a: A, ".repeat(14);
    inputs.push_str("#[cfg(feature = \"x\")] b: B, #[cfg(not(feature = \"x\"))] b: B");
    assert!(expand("", &format!("async fn handler({inputs}) {{}}")).errors.is_empty());
}

#[test]
fn generated_names_start_with_two_underscores() {
    let expansion = expand("state = S, policy = P", "async fn handler() { body }").item.to_string();
    for name in
        ["__auth :", "__response =", "fn __state_provides_auth", "fn __policy_decides", "enum __Handler"]
    {
        assert!(expansion.contains(name), "{name} in {expansion}");
    }
}

fn check_expansions(file: &str, cases: &[(&str, &str)]) {
    let shown: Vec<String> = cases
        .iter()
        .map(|(arguments, item)| {
            let expansion = expand(arguments, item);
            let errors: Vec<&str> = expansion.errors.iter().map(|error| error.text.as_str()).collect();
            assert!(errors.is_empty(), "{item}: {errors:?}");
            let written = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
            let item = item.replace('\n', "\n// ");
            format!("// #[with_api_auth_required{written}]\n// {item}\n\n{}", pretty(expansion.item))
        })
        .collect();
    check(file, &shown.join("\n"));
}

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}
