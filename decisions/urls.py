app_name = "decisions"

public = []

letters = []

urlpatterns = []
