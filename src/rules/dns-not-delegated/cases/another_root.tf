# Nothing here is about delegation: the name of one flag is no promise.
variable "enable_acm" {
  default = false
}
