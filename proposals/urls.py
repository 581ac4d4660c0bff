app_name = "proposals"

public = []

urlpatterns = []
