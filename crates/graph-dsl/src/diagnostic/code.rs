//! The registry of diagnostic codes: number, severity, title and page of each, never reused.

use std::fmt;
use std::str::FromStr;

use super::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])* $number:literal $name:ident $severity:ident $title:literal,)*) => {
        /// The code of a diagnostic, `GD0407`; numbers are never reused.
        ///
        /// Ranges: `GD01` YAML, `GD02` structure, `GD03` templates, `GD04` Graph, `GD05` mapping and
        /// outcomes, `GD06` environment and secrets, `GD07` safety and catalogue, `GD08` streams.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] $(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// `GD0407`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $number,)* }
            }

            /// How serious a problem with this code is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// The problem in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The page that explains the code (Markdown): why it matters, a wrong and a right example.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("pages/", $number, ".md")),)* }
            }
        }
    };
}

codes! {
    "GD0100" InvalidYaml Error "the file is not valid YAML",
    "GD0101" TabIndentation Error "tab character used for indentation",
    "GD0102" Unclosed Error "a quote or bracket is never closed",
    "GD0103" ColonInPlainValue Error "a plain value contains `: `",
    "GD0104" UnquotedTemplate Error "a template is not quoted",
    "GD0105" ReservedIndicator Error "a plain value starts with a reserved character",
    "GD0106" DuplicateKey Error "a key appears twice",
    "GD0107" ManyDocuments Error "the file holds more than one document",
    "GD0108" MergeKey Error "merge keys are not supported",
    "GD0109" AliasBudget Error "aliases expand beyond the budget",
    "GD0110" TooDeep Error "nested too deeply",
    "GD0111" UnknownTag Error "unknown tag",
    "GD0112" NotText Error "the file is not clean UTF-8",
    "GD0113" EmptyFile Error "the file has no content",
    "GD0114" NotAMapping Error "the file is not a mapping",
    "GD0115" AmbiguousScalar Warning "a plain scalar that YAML tools read differently",
    "GD0116" MixedLineEndings Warning "mixed line endings, or spaces that nobody sees",
    "GD0117" KeyNotText Error "a key is not text",
    "GD0118" FileTooLarge Error "the file is too large",
    "GD0201" UnknownKey Error "unknown key",
    "GD0202" MissingKey Error "a required key is missing",
    "GD0203" WrongIndentation Error "a command's key is indented as a command",
    "GD0204" UnknownMethod Error "not an HTTP method",
    "GD0205" WrongType Error "a value has the wrong type",
    "GD0206" ListOfNamed Error "a list where names are expected",
    "GD0207" EmptyValue Error "a key has no value",
    "GD0208" InvalidName Error "a name has the wrong form",
    "GD0209" ReservedName Error "a name is reserved",
    "GD0210" UnknownApiVersion Error "unknown apiVersion",
    "GD0211" LegacyParams Warning "`params` is the old spelling of `query`",
    "GD0212" LegacyJsonMarker Warning "the `asjsonobject` marker is not needed",
    "GD0213" UnknownArgumentType Error "unknown parameter type",
    "GD0214" ImpossibleDefault Error "a default that can never be used, or is not of the type",
    "GD0215" InvalidDuration Error "not a number of seconds",
    "GD0216" InvalidRetry Error "an impossible retry setting",
    "GD0217" EnumWithoutValues Error "an enum without values",
    "GD0218" NoSummary Lint "a command without a summary",
    "GD0219" UnknownBase Error "`extends` names an unknown system",
    "GD0220" KindChanged Error "a key changes its kind over `extends`",
    "GD0301" TemplateSyntax Error "a template does not parse",
    "GD0302" UnknownName Error "unknown name in a template",
    "GD0303" UndeclaredParameter Error "a template uses an undeclared parameter",
    "GD0304" UnusedParameter Warning "a declared parameter is never used",
    "GD0305" UnknownFilter Error "unknown filter, test or function",
    "GD0306" UndeclaredPlaceholder Error "a path placeholder is not declared",
    "GD0307" OptionalPlaceholder Error "a path parameter is optional",
    "GD0308" TemplateNotAllowed Error "a template where none is allowed",
    "GD0309" ListInText Error "a list or object inside text",
    "GD0310" AbsentInText Error "a value that may be absent inside text",
    "GD0311" AlwaysTrue Lint "an expression that is always true",
    "GD0312" NoEffect Lint "an expression without effect",
    "GD0313" StatementNotAllowed Error "a template statement",
    "GD0314" ManualEncoding Warning "a path value is encoded by hand",
    "GD0315" BrokenSegment Error "a placeholder that is not one path segment",
    "GD0316" SecretInUrl Error "a secret in a URL, or a credential in a template",
    "GD0317" TemplateTooLarge Error "a template exceeds the limits",
    "GD0318" IncompatibleComparison Error "values of different types are compared",
    "GD0401" UnknownSegment Error "a path that Graph does not have",
    "GD0402" UnknownEntitySet Error "an unknown first segment",
    "GD0403" BetaOnly Error "a path that only beta has",
    "GD0404" LetterCase Warning "another letter case than Graph's",
    "GD0405" OperationMethod Error "an action or function called with the wrong method",
    "GD0406" ReferenceMethod Error "a link written with the wrong method",
    "GD0407" DeletesTarget Error "a DELETE of the object instead of the link",
    "GD0408" ObjectMethod Error "a method that the path does not take",
    "GD0409" CreateThroughLink Warning "a creation through a link",
    "GD0410" BodyNotSent Error "a body on GET or DELETE",
    "GD0411" MissingBody Warning "a write without a body",
    "GD0412" LiteralHost Error "a literal Graph host",
    "GD0413" InvalidReference Error "a wrong reference body",
    "GD0414" UnknownBodyKey Error "an unknown property in a body",
    "GD0415" BodyType Error "a value of the wrong type in a body",
    "GD0416" OperationParameters Error "a parameter of an action or function is missing or unknown",
    "GD0417" AbstractType Error "an object without its concrete type",
    "GD0418" BetaVersion Lint "a command on the beta API",
    "GD0419" UnknownQueryOption Error "unknown query option",
    "GD0420" UnknownProperty Error "an unknown property in a query",
    "GD0421" NotSelected Warning "a mapping reads what is not selected",
    "GD0422" InvalidFilter Error "a filter does not parse",
    "GD0423" AdvancedNeeded Warning "an advanced query that Graph will refuse",
    "GD0424" PageTooLarge Error "a page larger than Graph gives",
    "GD0425" AlternateKey Error "no such alternate key",
    "GD0426" UnrelatedCast Error "a cast to an unrelated type",
    "GD0427" NotInCloud Warning "not in a cloud that the file claims",
    "GD0428" DelegatedOnly Warning "a call for signed-in users only",
    "GD0429" WrongPermission Warning "a permission that does not open the call",
    "GD0430" ReservedHeader Error "a header that the transport sets",
    "GD0431" RedundantAdvanced Warning "a hand-written advanced-query setting",
    "GD0432" BinaryAnswer Error "a binary answer read as JSON",
    "GD0433" ImpossibleBatch Error "a batch that Graph does not take",
    "GD0434" Deprecated Lint "a deprecated part of Graph",
    "GD0435" NotLeast Lint "a permission stronger than the least",
    "GD0436" ReadOnlyProperty Warning "a property that Graph sets itself",
    "GD0501" UnknownMapping Error "unknown schema mapping",
    "GD0502" UnusedMapping Warning "a schema mapping is never used",
    "GD0503" InvalidJsonPath Error "a JSONPath does not parse",
    "GD0504" UnknownMappedProperty Error "a mapping reads a property that Graph does not return",
    "GD0505" ManyValues Error "a path that yields several values for one",
    "GD0506" InvalidStep Error "a pipeline step that cannot run",
    "GD0507" RequiredWithDefault Error "a required attribute with a default",
    "GD0508" MappedTwice Error "an attribute is mapped twice",
    "GD0509" UnknownOutcome Error "unknown outcome",
    "GD0510" ShadowedRule Warning "an outcome rule that is never reached",
    "GD0511" EmptyRule Error "an outcome rule without a condition",
    "GD0512" InvalidPattern Error "a message pattern does not compile",
    "GD0513" MissingSuccess Warning "the status of a success is missing",
    "GD0514" SilentNotFound Warning "404 counted as success on a write",
    "GD0515" UnknownEnsureRead Error "`ensure` or `wait_for` names no reading command",
    "GD0516" UnboundedWait Error "an unbounded wait",
    "GD0517" NotRepeatable Warning "a creation that fails when it is repeated",
    "GD0601" MissingVariable Error "an environment variable, file or secret is missing",
    "GD0602" EmptyVariable Error "an environment variable, file or secret is empty",
    "GD0603" MalformedReference Error "a malformed reference",
    "GD0604" PartialCredential Error "a credential that is more than one reference",
    "GD0605" SecretLiteral Error "a literal secret in the file",
    "GD0606" PasswordLiteral Error "a literal password",
    "GD0607" InvalidSecretUri Error "a secret's URI that nobody serves",
    "GD0608" LoggedSecret Warning "a log of answers that hold secrets",
    "GD0609" InsecureBaseUrl Error "a base URL that is no Graph over https",
    "GD0610" CloudMismatch Error "a token for one cloud and calls to another",
    "GD0611" SharedSecretFile Error "a secret file that others can read",
    "GD0701" NotDestructive Error "a destructive call marked as harmless",
    "GD0702" AnonymousQuestion Warning "a question that does not name the object",
    "GD0703" DuplicateRequest Error "two commands send the same request",
    "GD0704" InvalidAlias Error "an alias clashes",
    "GD0705" NameTooLong Error "a name is too long",
    "GD0706" InvalidExample Error "an example does not fit the command",
    "GD0707" ExampleRequest Error "an example's request is not the one that is sent",
    "GD0708" IncompatibleChange Error "a command that is in use disappears or changes",
    "GD0709" UndeclaredRead Lint "a reading POST not declared as such",
    "GD0801" InvalidStream Error "a stream that cannot be read",
    "GD0802" UnknownStream Error "edges of an unknown stream",
    "GD0803" InvalidScan Error "a scan that does not read the stream's objects",
    "GD0804" NotARelation Error "a property where a relation belongs, or the reverse",
    "GD0805" UnknownColumnSet Error "an unknown set of columns",
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no diagnostic code of this version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown diagnostic code `{0}`")]
pub struct UnknownCode(pub String);

impl FromStr for Code {
    type Err = UnknownCode;

    /// Reads `GD0407`, in any letter case.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let wanted = |code: &&Self| code.as_str().eq_ignore_ascii_case(text.trim());
        Self::ALL.iter().find(wanted).copied().ok_or_else(|| UnknownCode(text.to_owned()))
    }
}
