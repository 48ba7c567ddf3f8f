namespace PushPlatform.LocalCluster.Runner;

/// <summary>Where the runner tells what it does: one line each, to whoever started it.</summary>
internal sealed class RunnerLog(TextWriter? output)
{
    private readonly TextWriter _output = TextWriter.Synchronized(output ?? TextWriter.Null);

    public void Write(string line) => _output.WriteLine(line);
}
