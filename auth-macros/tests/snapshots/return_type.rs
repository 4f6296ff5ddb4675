// #[with_api_auth_required]
// async fn result(user: User) -> Result<Json<User>, (StatusCode, String)> { Ok(Json(user)) }

async fn result(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<Result<Json<User>, (StatusCode, String)>> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<
                Result<Json<User>, (StatusCode, String)>,
            >();
        }
        match () {
            () => Ok(Json(user)),
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// async fn opaque(user: User) -> impl IntoResponse + use<> { user.sub() }

async fn opaque(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<impl IntoResponse + use<>> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<_>();
        }
        match () {
            () => user.sub(),
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// async fn opaque_inside(user: User) -> Result<(impl Into<u8>, [Vec<impl A>; 2]), Box<dyn Iterator<Item = impl B>>> { todo!() }

async fn opaque_inside(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<
    Result<(impl Into<u8>, [Vec<impl A>; 2]), Box<dyn Iterator<Item = impl B>>>,
> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<
                Result<(_, [Vec<_>; 2]), Box<dyn Iterator<Item = _>>>,
            >();
        }
        match () {
            () => todo!(),
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// async fn reference(user: User) -> &'static str { "x" }

async fn reference(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<&'static str> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<&'static str>();
        }
        match () {
            () => "x",
        }
    }
        .await;
    __auth.finish(__response).await
}
