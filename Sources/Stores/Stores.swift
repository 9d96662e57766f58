/// The module Stores.
