days = 3 # expect: condition-failed
