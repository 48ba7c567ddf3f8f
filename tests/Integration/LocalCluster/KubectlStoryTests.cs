using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>What a person does with kubectl, done with kubectl.</summary>
public sealed class KubectlStoryTests : ApiFixture
{
    private readonly string _home = Directory.CreateTempSubdirectory("push-kubectl-").FullName;
    private Kubectl _kubectl = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _kubectl = new Kubectl(Server.KubeconfigPath, _home);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task Apply_AgainAndChanged_SaysWhatHappened()
    {
        (await ApplyAsync(Widgets.Named("one", "{color: red, size: 2}"))).ShouldContain("widget.example.test/one created");
        (await ApplyAsync(Widgets.Named("one", "{color: red, size: 2}"))).ShouldContain("unchanged");
        (await ApplyAsync(Widgets.Named("one", "{color: blue}"))).ShouldContain("configured");

        // size was applied before and is no longer: three-way, so it goes; replicas is a default and stays.
        (await RunAsync("get", "wd", "one", "-o", "jsonpath={.spec}")).ShouldBe("""{"color":"blue","replicas":1}""");
    }

    [Fact]
    public async Task Apply_ServerSide_TakesOverFromClientSideAndReportsConflicts()
    {
        await ApplyAsync(Widgets.Named("one", "{color: red}"));
        (await _kubectl.SucceedAsync(Widgets.Named("one", "{color: blue}"), "apply", "--server-side", "-f", "-")).ShouldContain("serverside-applied");
        await RunAsync("patch", "wd", "one", "--type=merge", "-p", """{"spec":{"size":3}}""");

        (int code, string output) = await _kubectl.RunAsync(Widgets.Named("one", "{color: blue, size: 4}"), "apply", "--server-side", "-f", "-");

        code.ShouldBe(1);
        output.ShouldContain("conflict with \"kubectl-patch\": .spec.size");
        await _kubectl.SucceedAsync(Widgets.Named("one", "{color: blue, size: 4}"), "apply", "--server-side", "--force-conflicts", "-f", "-");
    }

    [Fact]
    public async Task Apply_OfAnInvalidResource_NamesEveryFault()
    {
        (int code, string output) = await _kubectl.RunAsync(Widgets.Named("one", "{color: pink, size: 0}"), "apply", "-f", "-");

        code.ShouldBe(1);
        output.ShouldContain("""The Widget "one" is invalid""");
        output.ShouldContain("""spec.color: Unsupported value: "pink": supported values: "red", "blue""");
        output.ShouldContain("spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1");

        (code, output) = await _kubectl.RunAsync(Widgets.Named("one", "{color: red, colour: x}"), "apply", "-f", "-");
        code.ShouldBe(1);
        output.ShouldContain("unknown field \"spec.colour\"");
    }

    [Fact]
    public async Task Get_ShowsColumns_ByShortNameAndCategory()
    {
        await ApplyAsync(Widgets.Named("one"));
        await MergeAsync(Widgets.Path + "/one/status", "status: {phase: Good}");

        string[] lines = (await RunAsync("get", "wd")).Split('\n');
        lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["NAME", "COLOR", "PHASE", "AGE"]);
        lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3].ShouldBe(["one", "red", "Good"]);
        (await RunAsync("get", "push", "-o", "name")).Trim().ShouldBe("widget.example.test/one");
        JsonNode.Parse(await RunAsync("get", "wd", "one", "-o", "json")).Text("spec", "color").ShouldBe("red");
        (await RunAsync("get", "wd", "-l", "a=b")).ShouldContain("No resources found");
    }

    [Fact]
    public async Task Wait_ForConditionJsonPathAndDelete_Ends()
    {
        await ApplyAsync(Widgets.Named("one"));
        Task<string> condition = RunAsync("wait", "--for=condition=Complete", "wd/one", "--timeout=50s");
        Task<string> phase = RunAsync("wait", "--for=jsonpath={.status.phase}=Done", "wd/one", "--timeout=50s");
        await MergeAsync(Widgets.Path + "/one/status", "status: {phase: Done, conditions: [{type: Complete, status: 'True'}]}");
        (await condition).ShouldContain("condition met");
        (await phase).ShouldContain("condition met");

        Task<string> gone = RunAsync("wait", "--for=delete", "wd/one", "--timeout=50s");
        await RunAsync("delete", "wd", "one");
        await gone;
    }

    [Fact]
    public async Task Explain_AndDescribe_TellFromTheSchemaAndTheEvents()
    {
        string explained = await RunAsync("explain", "wd.spec.targets");
        explained.ShouldContain("Who gets it.");
        explained.ShouldContain("all\t<boolean>");

        await ApplyAsync(Widgets.Named("one"));
        string uid = (await GetAsync(Widgets.Path + "/one")).Uid();
        await SendAsync(HttpMethod.Post, "/apis/events.k8s.io/v1/namespaces/default/events", $$"""
            apiVersion: events.k8s.io/v1
            kind: Event
            metadata: {name: e}
            eventTime: '2026-01-01T00:00:00.000000Z'
            regarding: {apiVersion: example.test/v1, kind: Widget, name: one, namespace: default, uid: {{uid}}}
            reportingController: tests
            reason: Painted
            note: Now it is red.
            type: Normal
            """, System.Net.HttpStatusCode.Created);

        string described = await RunAsync("describe", "wd", "one");
        described.ShouldContain("Painted");
        described.ShouldContain("Now it is red.");
        (await RunAsync("get", "events")).ShouldContain("widget/one");
    }

    [Fact]
    public async Task SmallChanges_ByEveryVerb_Arrive()
    {
        await ApplyAsync(Widgets.Named("one"));

        await RunAsync("scale", "wd/one", "--replicas=3");
        await RunAsync("label", "wd", "one", "team=a");
        await RunAsync("annotate", "wd", "one", "note=b");
        await RunAsync("patch", "wd", "one", "--type=json", "-p", """[{"op":"replace","path":"/spec/color","value":"blue"}]""");
        (await RunAsync("apply", "--dry-run=server", "-f", await FileAsync(Widgets.Named("one", "{color: red, size: 9}")))).ShouldContain("(server dry run)");

        JsonObject value = await GetAsync(Widgets.Path + "/one");
        value.Number("spec", "replicas").ShouldBe(3);
        value.Text("spec", "color").ShouldBe("blue");
        value.At("spec", "size").ShouldBeNull();
        value.Text("metadata", "labels", "team").ShouldBe("a");
        value.Text("metadata", "annotations", "note").ShouldBe("b");
        (await RunAsync("delete", "wd", "--all")).ShouldContain("deleted");
        (await RunAsync("get", "wd")).ShouldContain("No resources found");
    }

    [Fact]
    public async Task BuiltInKinds_CreatedByName_AreThere()
    {
        await RunAsync("create", "ns", "team");
        await RunAsync("create", "configmap", "c", "--from-literal=a=b", "-n", "team");
        await RunAsync("create", "secret", "generic", "s", "--from-literal=a=b", "-n", "team");

        (await RunAsync("get", "cm", "c", "-n", "team", "-o", "jsonpath={.data.a}")).ShouldBe("b");
        (await RunAsync("get", "secret", "s", "-n", "team", "-o", "jsonpath={.data.a}")).ShouldBe("Yg==");
        await RunAsync("delete", "ns", "team");
        (await RunAsync("api-resources")).ShouldContain("wd");
    }

    private Task<string> ApplyAsync(string yaml) => _kubectl.SucceedAsync(yaml, "apply", "-f", "-");

    private Task<string> RunAsync(params IEnumerable<string> arguments) => _kubectl.SucceedAsync(null, arguments);

    private async Task<string> FileAsync(string yaml)
    {
        string path = Path.Combine(_home, "object.yaml");
        await File.WriteAllTextAsync(path, yaml, Token);
        return path;
    }
}
