// #[with_api_auth_required(scopes("read:a", "read:b"))]
// pub async fn read_all(user: User) {}

#[doc(hidden)]
pub enum __ReadAllRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __ReadAllRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[
            ::auth_runtime::__private::Requirement::Scopes(&["read:a", "read:b"]),
        ],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = ();
}
pub async fn read_all(
    __auth: ::auth_runtime::__private::Guard<
        __ReadAllRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(policy = Members)]
// async fn judged() {}

#[doc(hidden)]
enum __JudgedRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __JudgedRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &["Members"],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = Self;
}
impl<__State> ::auth_runtime::__private::Policies<__State>
for __JudgedRequirementsInAnImplPutTheAttributeOnTheBlock
where
    __State: ::core::marker::Sync,
    (Members, ()): ::auth_runtime::__private::Policies<__State>,
{
    fn decide<__Recipient: ::auth_runtime::__private::Recipient>(
        session: &::auth_runtime::__private::Session,
        request: &mut ::auth_runtime::__private::Parts,
        state: &__State,
    ) -> impl ::core::future::Future<
        Output = ::auth_runtime::__private::Decided,
    > + ::core::marker::Send {
        <(
            Members,
            (),
        ) as ::auth_runtime::__private::Policies<
            __State,
        >>::decide::<__Recipient>(session, request, state)
    }
}
async fn judged(
    __auth: ::auth_runtime::__private::Guard<
        __JudgedRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    user: ::auth_runtime::__private::User,
) -> ::auth_runtime::__private::Guarded<()> {
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(permissions("a"), roles("b"), org, acr("c"), amr("d", "e"), max_age = "5m")]
// pub(crate) async fn r#type(user: User) {}

#[doc(hidden)]
pub(crate) enum __TypeRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __TypeRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[
            ::auth_runtime::__private::Requirement::Permissions(&["a"]),
            ::auth_runtime::__private::Requirement::Roles(&["b"]),
            ::auth_runtime::__private::Requirement::Org(&[]),
            ::auth_runtime::__private::Requirement::Acr(&["c"]),
            ::auth_runtime::__private::Requirement::Amr(&["d", "e"]),
            ::auth_runtime::__private::Requirement::MaxAge(300),
        ],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = ();
}
pub(crate) async fn r#type(
    __auth: ::auth_runtime::__private::Guard<
        __TypeRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(claim("a" = "x", "b" = true), claim("c" = -5), claim("d" = 0x10), claim("e" = -9223372036854775808))]
// async fn claims(user: User) {}

#[doc(hidden)]
enum __ClaimsRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __ClaimsRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[
            ::auth_runtime::__private::Requirement::Claim(
                "a",
                ::auth_runtime::__private::ClaimValue::Text("x"),
            ),
            ::auth_runtime::__private::Requirement::Claim(
                "b",
                ::auth_runtime::__private::ClaimValue::Bool(true),
            ),
            ::auth_runtime::__private::Requirement::Claim(
                "c",
                ::auth_runtime::__private::ClaimValue::Integer(-5),
            ),
            ::auth_runtime::__private::Requirement::Claim(
                "d",
                ::auth_runtime::__private::ClaimValue::Integer(16),
            ),
            ::auth_runtime::__private::Requirement::Claim(
                "e",
                ::auth_runtime::__private::ClaimValue::Integer(-9223372036854775808),
            ),
        ],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = ();
}
async fn claims(
    __auth: ::auth_runtime::__private::Guard<
        __ClaimsRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(any(scopes("a"), all(roles("b"), org("org_1"))), not(claim("a" = 1)), all(roles("x"), all(org)), any(claim("c" = 1, "d" = 2)))]
// async fn Groups(user: User) {}

#[doc(hidden)]
enum __RequirementsInAnImplPutTheAttributeOnTheBlock_Groups {}
impl ::auth_runtime::__private::Requirements
for __RequirementsInAnImplPutTheAttributeOnTheBlock_Groups {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[
            ::auth_runtime::__private::Requirement::Any(
                &[
                    ::auth_runtime::__private::Requirement::Scopes(&["a"]),
                    ::auth_runtime::__private::Requirement::All(
                        &[
                            ::auth_runtime::__private::Requirement::Roles(&["b"]),
                            ::auth_runtime::__private::Requirement::Org(&["org_1"]),
                        ],
                    ),
                ],
            ),
            ::auth_runtime::__private::Requirement::Not(
                &::auth_runtime::__private::Requirement::Claim(
                    "a",
                    ::auth_runtime::__private::ClaimValue::Integer(1),
                ),
            ),
            ::auth_runtime::__private::Requirement::Roles(&["x"]),
            ::auth_runtime::__private::Requirement::Org(&[]),
            ::auth_runtime::__private::Requirement::Any(
                &[
                    ::auth_runtime::__private::Requirement::All(
                        &[
                            ::auth_runtime::__private::Requirement::Claim(
                                "c",
                                ::auth_runtime::__private::ClaimValue::Integer(1),
                            ),
                            ::auth_runtime::__private::Requirement::Claim(
                                "d",
                                ::auth_runtime::__private::ClaimValue::Integer(2),
                            ),
                        ],
                    ),
                ],
            ),
        ],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = ();
}
async fn Groups(
    __auth: ::auth_runtime::__private::Guard<
        __RequirementsInAnImplPutTheAttributeOnTheBlock_Groups,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(policy = Owns, policy = crate::policies::IsOpen<Report>)]
// async fn policies(user: User) {}

#[doc(hidden)]
enum __PoliciesRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __PoliciesRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &["Owns", "crate::policies::IsOpen<Report>"],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = Self;
}
impl<__State> ::auth_runtime::__private::Policies<__State>
for __PoliciesRequirementsInAnImplPutTheAttributeOnTheBlock
where
    __State: ::core::marker::Sync,
    (
        Owns,
        (crate::policies::IsOpen<Report>, ()),
    ): ::auth_runtime::__private::Policies<__State>,
{
    fn decide<__Recipient: ::auth_runtime::__private::Recipient>(
        session: &::auth_runtime::__private::Session,
        request: &mut ::auth_runtime::__private::Parts,
        state: &__State,
    ) -> impl ::core::future::Future<
        Output = ::auth_runtime::__private::Decided,
    > + ::core::marker::Send {
        <(
            Owns,
            (crate::policies::IsOpen<Report>, ()),
        ) as ::auth_runtime::__private::Policies<
            __State,
        >>::decide::<__Recipient>(session, request, state)
    }
}
async fn policies(
    __auth: ::auth_runtime::__private::Guard<
        __PoliciesRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(cache = "private,max-age=60", login)]
// async fn page(user: User) {}

#[doc(hidden)]
enum __PageRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __PageRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &[],
        cache: ::core::option::Option::Some("private, max-age=60"),
        login: true,
        optional: false,
    };
    type Policies = ();
}
async fn page(
    __auth: ::auth_runtime::__private::Guard<
        __PageRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(scopes("a"))]
// /// Documented.
// #[cfg(unix)]
// #[deprecated]
// #[cfg(not(test))]
// async fn conditional(user: User) {}

#[doc(hidden)]
#[cfg(unix)]
#[cfg(not(test))]
enum __ConditionalRequirementsInAnImplPutTheAttributeOnTheBlock {}
#[cfg(unix)]
#[cfg(not(test))]
impl ::auth_runtime::__private::Requirements
for __ConditionalRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[::auth_runtime::__private::Requirement::Scopes(&["a"])],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = ();
}
/// Documented.
#[cfg(unix)]
#[deprecated]
#[cfg(not(test))]
async fn conditional(
    __auth: ::auth_runtime::__private::Guard<
        __ConditionalRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(crate = crate::auth, org, policy = Owns, state = S)]
// async fn elsewhere(user: User) {}

#[doc(hidden)]
enum __ElsewhereRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl crate::auth::__private::Requirements
for __ElsewhereRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static crate::auth::__private::Protection = &crate::auth::__private::Protection {
        requirements: &[crate::auth::__private::Requirement::Org(&[])],
        policies: &["Owns"],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = Self;
}
impl<__State> crate::auth::__private::Policies<__State>
for __ElsewhereRequirementsInAnImplPutTheAttributeOnTheBlock
where
    __State: ::core::marker::Sync,
    (Owns, ()): crate::auth::__private::Policies<__State>,
{
    fn decide<__Recipient: crate::auth::__private::Recipient>(
        session: &crate::auth::__private::Session,
        request: &mut crate::auth::__private::Parts,
        state: &__State,
    ) -> impl ::core::future::Future<
        Output = crate::auth::__private::Decided,
    > + ::core::marker::Send {
        <(
            Owns,
            (),
        ) as crate::auth::__private::Policies<
            __State,
        >>::decide::<__Recipient>(session, request, state)
    }
}
async fn elsewhere(
    __auth: crate::auth::__private::Guard<
        __ElsewhereRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    crate::auth::__private::Behind(user): crate::auth::__private::Behind<User>,
) -> crate::auth::__private::Guarded<()> {
    fn __state_provides_auth<S>()
    where
        S: crate::auth::__private::ProvidesAuth,
    {}
    let _: fn() = __state_provides_auth::<S>;
    {
        fn __policy_decides<P, S>()
        where
            P: crate::auth::__private::Policy<S>,
        {}
        let _: fn() = __policy_decides::<Owns, S>;
    }
    __auth.enter();
    let __response = async move {
        if false {
            return crate::auth::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}
