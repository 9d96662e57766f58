/// The module Processes.
