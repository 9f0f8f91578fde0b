//! The macro that makes functions of a table.

/// Rows of `rw getter, setter`, `ro getter` or `wo setter`, then `: type as codec = option "name"`
/// (rustdoc takes only a literal for an alias), and the marker of the socket types that have the
/// option, if not all do. A second type after the first is what the setter takes. What the row says
/// in its docs is said once: at the getter, or if there is none at the setter.
macro_rules! socket_options {
    ($(
        $(#[$doc:meta])*
        $access:ident $first:ident $(, $second:ident)?: $value:ty $(, $given:ty)?
            as $codec:ident = $option:ident $name:literal $(for $marker:ident)?;
    )*) => {$(
        socket_options! { @$access [$(#[$doc])*] $first $(, $second)?: [$value] [$($given)?]
            as $codec = $option $name [$($marker)?] }
    )*};
    (@rw [$($doc:tt)*] $get:ident, $set:ident: [$value:ty] [] $($row:tt)*) => {
        socket_options! { @rw [$($doc)*] $get, $set: [$value] [$value] $($row)* }
    };
    (@rw [$($doc:tt)*] $get:ident, $set:ident: [$value:ty] [$given:ty] $($row:tt)*) => {
        socket_options! { @ro [$($doc)*] $get: [$value] [] $($row)* }
        socket_options! { @wo
            [#[doc = concat!("Sets [`", stringify!($get), "`](Socket::", stringify!($get), ").")]]
            $set: [$given] [] $($row)* }
    };
    (@ro [$($doc:tt)*] $get:ident: [$value:ty] [] as $codec:ident = $option:ident $name:literal [$($marker:ident)?]) => {
        impl<T: SocketType> Socket<T> {
            $($doc)*
            #[doc = concat!("\n\nSource: `", $name, "` in `zmq_getsockopt(3)`.")]
            #[doc(alias = $name)]
            ///
            /// # Errors
            /// [`InvalidInput`](crate::ErrorKind::InvalidInput) or
            /// [`MissingCapability`](crate::ErrorKind::MissingCapability) where this libzmq lacks
            /// the option, [`Terminated`](crate::ErrorKind::Terminated),
            /// [`Forked`](crate::ErrorKind::Forked).
            pub fn $get(&self) -> Result<$value> $(where T: $marker)? {
                <$codec as Read>::read(self.core(), $name, zmq_sys::$option)
            }
        }
    };
    (@wo [$($doc:tt)*] $set:ident: [$value:ty] [] as $codec:ident = $option:ident $name:literal [$($marker:ident)?]) => {
        impl<T: SocketType> Socket<T> {
            $($doc)*
            #[doc = concat!("\n\nSource: `", $name, "` in `zmq_setsockopt(3)`.")]
            #[doc(alias = $name)]
            ///
            /// # Errors
            /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a value that the option cannot
            /// have, and on a [`Socket<Any>`](crate::Any) of another type; that or
            /// [`MissingCapability`](crate::ErrorKind::MissingCapability) where this libzmq lacks
            /// the option; [`Terminated`](crate::ErrorKind::Terminated),
            /// [`Forked`](crate::ErrorKind::Forked).
            pub fn $set(&self, value: $value) -> Result<()> $(where T: $marker)? {
                <$codec as Write>::write(self.core(), $name, zmq_sys::$option, value)
            }
        }
    };
}
