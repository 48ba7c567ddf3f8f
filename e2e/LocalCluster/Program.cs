using PushPlatform.LocalCluster.Api;

await using LocalApiServer server = await LocalApiServer.StartAsync();
Console.WriteLine($"export KUBECONFIG={server.KubeconfigPath}");
await Task.Delay(Timeout.Infinite);
return 0;
