// #[with_api_auth_required(state = AppState)]
// async fn probed(user: User) {}

async fn probed(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    fn __state_provides_auth<S>()
    where
        S: ::auth_runtime::__private::ProvidesAuth,
    {}
    let _: fn() = __state_provides_auth::<AppState>;
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

// #[with_api_auth_required(state = Shared<Outer<u8, u16>>,)]
// async fn generic_state(user: User) {}

async fn generic_state(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<()> {
    fn __state_provides_auth<S>()
    where
        S: ::auth_runtime::__private::ProvidesAuth,
    {}
    let _: fn() = __state_provides_auth::<Shared<Outer<u8, u16>>>;
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

// #[with_api_auth_required(crate = ::web::auth)]
// async fn absolute_root() {}

async fn absolute_root(
    __auth: ::web::auth::__private::Guard<
        ::web::auth::__private::Alone<::web::auth::__private::SignedIn>,
    >,
) -> ::web::auth::__private::Guarded<()> {
    let user = __auth.user();
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::web::auth::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(crate = crate::auth, state = S)]
// async fn own_root() -> u8 { 1 }

async fn own_root(
    __auth: crate::auth::__private::Guard<
        crate::auth::__private::Alone<crate::auth::__private::SignedIn>,
    >,
) -> crate::auth::__private::Guarded<u8> {
    fn __state_provides_auth<S>()
    where
        S: crate::auth::__private::ProvidesAuth,
    {}
    let _: fn() = __state_provides_auth::<S>;
    let user = __auth.user();
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return crate::auth::__private::never::<u8>();
        }
        match () {
            () => 1,
        }
    }
        .await;
    __auth.finish(__response).await
}
