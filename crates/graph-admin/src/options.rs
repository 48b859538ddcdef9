//! How the generated code declares the optional arguments of a command.

/// A struct of optional arguments: the name in Rust, the type, the argument's own name.
macro_rules! options {
    ($(#[$about:meta])* $name:ident {
        $($(#[$field_about:meta])* $field:ident: $kind:ty = $argument:literal,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $($(#[$field_about])* pub $field: Option<$kind>,)+
        }

        impl $name {
            /// What is given here, beside the required arguments.
            pub(crate) fn beside(self, mut arguments: Arguments) -> Arguments {
                $(if let Some(value) = self.$field {
                    arguments.insert($argument, value);
                })+
                arguments
            }
        }
    };
}

pub(crate) use options;
