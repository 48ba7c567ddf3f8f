using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Kubernetes;

public sealed class KubeConfigTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeconfig");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Load_CurrentContext_GivesServerNamespaceAndToken()
    {
        var configuration = KubeConfigLoader.LoadFiles([Write("config", """
            apiVersion: v1
            kind: Config
            current-context: two
            contexts:
            - name: one
              context: {cluster: c1, user: u1}
            - name: two
              context: {cluster: c2, user: u2, namespace: fleet}
            clusters:
            - name: c1
              cluster: {server: "https://one:6443"}
            - name: c2
              cluster: {server: "http://two:8080/prefix"}
            users:
            - name: u1
              user: {token: t1}
            - name: u2
              user: {token: t2}
            """)]);

        configuration.Host.ShouldBe(new Uri("http://two:8080/prefix"));
        configuration.Namespace.ShouldBe("fleet");
        (await configuration.Credentials.ShouldNotBeNull().GetAsync(renew: false, default)).Token.ShouldBe("t2");
    }

    [Fact]
    public void Load_AnotherContextByName_IsFollowed()
    {
        var config = Write("config", Minimal("here", "http://here") + "- {name: broken, context: {cluster: nowhere, user: u}}\n");

        KubeConfigLoader.LoadFiles([config], context: "here").Host.Host.ShouldBe("here");
        Should.Throw<KubeConfigException>(() => KubeConfigLoader.LoadFiles([config], context: "broken"));
    }

    [Fact]
    public void Load_SeveralFiles_AreMergedAndTheFirstToNameSomethingWins()
    {
        var first = Write("first", "current-context: here\nclusters: [{name: c, cluster: {server: 'http://first'}}]\n");
        var second = Write("second", Minimal("here", "http://second"));

        KubeConfigLoader.LoadFiles([first, Path.Combine(_folder.FullName, "absent"), second]).Host.Host.ShouldBe("first");
    }

    [Fact]
    public async Task Load_RelativePaths_StartAtTheirOwnFile()
    {
        var sub = _folder.CreateSubdirectory("sub");
        await File.WriteAllTextAsync(Path.Combine(sub.FullName, "token"), "from the sub folder\n");
        var first = Write("first", "current-context: here\n");
        var second = Write("sub/second", Minimal("here", "http://a", "tokenFile: token"));

        var configuration = KubeConfigLoader.LoadFiles([first, second]);

        (await configuration.Credentials!.GetAsync(renew: false, default)).Token.ShouldBe("from the sub folder");
    }

    [Fact]
    public void Load_EverythingWrong_IsSaidAtOnce()
    {
        var faults = Should.Throw<KubeConfigException>(() => KubeConfigLoader.LoadFiles([Write("config", """
            current-context: here
            contexts: [{name: here, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "ftp://a", certificate-authority: nowhere.crt, proxy-url: "http://p"}}]
            users: [{name: u, user: {client-certificate-data: "%%%", auth-provider: {name: gcp}}}]
            """)])).Faults;

        faults.ShouldContain("cluster.proxy-url is not supported");
        faults.ShouldContain("cluster.server 'ftp://a' is not an http:// or https:// address");
        faults.ShouldContain(fault => fault.StartsWith("certificate-authority: ") && fault.Contains("nowhere.crt"));
    }

    [Theory]
    [InlineData("token: t, client-key-data: aGk=", "client-key without client-certificate")]
    [InlineData("client-certificate-data: aGk=, client-key-data: aGk=", "client-certificate and client-key")]
    [InlineData("client-certificate-data: '%%%'", "client-certificate-data is not base64")]
    [InlineData("username: u, password: p", "user.username is not supported")]
    [InlineData("auth-provider: {name: gcp}", "user.auth-provider is not supported")]
    [InlineData("tokenFile: nowhere", "there is no file")]
    [InlineData("exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}", "neither client.authentication.k8s.io/v1 nor v1beta1")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1}", "user.exec.command is not set")]
    [InlineData("exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}", "nobody sits here to answer")]
    public void Load_UnusableUser_SaysWhy(string user, string fault) =>
        Should.Throw<KubeConfigException>(() => KubeConfigLoader.LoadFiles([Write("config", Minimal("here", "http://a", user))])).Message.ShouldContain(fault);

    [Theory]
    [InlineData("{", "config: ")]
    [InlineData("", "current-context is not set")]
    [InlineData("current-context: x", "there is no context 'x'")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {user: u}}]", "context 'x' names no cluster")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]", "the cluster 'c', which is not there")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]", "the user 'u', which is not there")]
    public void Load_UnusableFile_SaysWhy(string content, string fault) =>
        Should.Throw<KubeConfigException>(() => KubeConfigLoader.LoadFiles([Write("config", content)])).Message.ShouldContain(fault);

    [Fact]
    public void Load_NoFileAtAll_SaysSo() =>
        Should.Throw<KubeConfigException>(() => KubeConfigLoader.LoadFiles(["/nowhere/config"])).Message.ShouldContain("no such file");

    [Fact]
    public void InCluster_OutsideAPod_NamesAllThatIsMissing()
    {
        var faults = Should.Throw<KubeConfigException>(() => InClusterConfiguration.Load(_folder.FullName, static _ => null)).Faults;

        faults.Count.ShouldBe(3);
    }

    [Fact]
    public async Task InCluster_TokenIsReadAgainAfterAMinute()
    {
        var time = new ManualTimeProvider();
        var token = Write("token", "first");
        Write("ca.crt", "");
        Write("namespace", "fleet\n");
        var configuration = InClusterConfiguration.Load(_folder.FullName, static name => name.EndsWith("HOST") ? "fd00::1" : "443", time);
        configuration.Host.ShouldBe(new Uri("https://[fd00::1]:443"));
        configuration.Namespace.ShouldBe("fleet");

        (await configuration.Credentials!.GetAsync(renew: false, default)).Token.ShouldBe("first");
        await File.WriteAllTextAsync(token, "second");
        time.Advance(TimeSpan.FromSeconds(59));
        (await configuration.Credentials.GetAsync(renew: false, default)).Token.ShouldBe("first");
        time.Advance(TimeSpan.FromSeconds(1));
        (await configuration.Credentials.GetAsync(renew: false, default)).Token.ShouldBe("second");
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static string Minimal(string name, string server, string user = "") =>
        $"current-context: {name}\nclusters: [{{name: c, cluster: {{server: '{server}'}}}}]\nusers: [{{name: u, user: {{ {user} }}}}]\ncontexts:\n- {{name: {name}, context: {{cluster: c, user: u}}}}\n";
}
