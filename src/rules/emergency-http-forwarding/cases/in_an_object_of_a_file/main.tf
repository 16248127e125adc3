variable "settings" { type = any }
