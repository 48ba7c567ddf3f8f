using PushPlatform.KubectlPush;
using PushPlatform.KubectlPush.Verbs;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.KubectlPush;

/// <summary>What is typed wrongly is said, with the exit code that the help promises.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("stauts")]
    [InlineData("pause")]
    [InlineData("status one -A")]
    [InlineData("status -w")]
    [InlineData("status -o yaml")]
    [InlineData("preview one --timeout -1")]
    [InlineData("abort one two")]
    [InlineData("cancel")]
    [InlineData("retry")]
    [InlineData("retry one --code")]
    public async Task CommandLine_CannotBeUsed_SaysSo(string line)
    {
        (int code, string output, string error) = await CommandLine.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        code.ShouldBe(ExitCodes.Usage, output);
        error.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Kubeconfig_IsNotThere_IsNamed()
    {
        (int code, _, string error) = await CommandLine.RunAsync(["status", "--kubeconfig", "/no/such/file"]);

        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("/no/such/file");
        error.ShouldContain("--kubeconfig");
    }

    [Fact]
    public async Task Help_NamesEveryExitCode_AndEveryVerbHasOne()
    {
        (int code, string help, _) = await CommandLine.RunAsync(["--help"]);

        code.ShouldBe(ExitCodes.Done);
        foreach (System.Reflection.FieldInfo field in typeof(ExitCodes).GetFields())
        {
            help.ShouldContain($"{field.GetRawConstantValue()} ");
        }
        PushCommand.Create(PushTerminal.OfThisProcess(), TimeProvider.System).Subcommands.ShouldAllBe(verb => verb.Description!.EndsWith('.') && help.Contains($"  {verb.Name} "));
    }
}
