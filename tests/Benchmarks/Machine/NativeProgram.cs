using System.Diagnostics;

namespace PushPlatform.Benchmarks.Machine;

/// <summary>A C program of this folder, compiled when the benchmark starts; ends with its standard input, so none outlives us.</summary>
internal sealed class NativeProgram : IAsyncDisposable
{
    private readonly Process _process;

    private NativeProgram(Process process) => _process = process;

    public int Id => _process.Id;

    /// <param name="folder">Below tests/Benchmarks: all of its C files.</param>
    /// <returns>The program's path.</returns>
    /// <exception cref="InvalidOperationException">The compiler refuses; the message is its own.</exception>
    public static async Task<string> BuildAsync(string folder, string into)
    {
        string program = Path.Combine(into, Path.GetFileName(folder));
        string[] sources = Directory.GetFiles(Path.Combine(Build.Root, "tests", "Benchmarks", folder), "*.c");
        using Process compiler = Process.Start(new ProcessStartInfo("gcc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", program, .. sources]) { RedirectStandardError = true, UseShellExecute = false })!;
        string said = await compiler.StandardError.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        return compiler.ExitCode == 0 ? program : throw new InvalidOperationException($"gcc refuses {folder}:\n{said}");
    }

    public static NativeProgram Start(string program, params IEnumerable<string> arguments) =>
        new(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!);

    /// <summary>One line to its standard input.</summary>
    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteAsync($"{line}\n");
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>One line to its standard input, one line from its standard output.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public async Task<string> AskAsync(string line)
    {
        await TellAsync(line);
        return await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30))
            ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} has ended.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
