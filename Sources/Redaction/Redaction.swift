/// The module Redaction.
