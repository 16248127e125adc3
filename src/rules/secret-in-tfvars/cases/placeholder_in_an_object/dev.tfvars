database = {
  host     = "db.example.net"
  password = ""
}
