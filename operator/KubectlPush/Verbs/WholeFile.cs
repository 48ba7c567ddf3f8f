namespace PushPlatform.KubectlPush.Verbs;

/// <summary>A file that is there only once it is whole: until then it has another name, and without <see cref="Finish"/> it goes again.</summary>
internal sealed class WholeFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _unfinished;
    private bool _finished;

    private WholeFile(string path, string unfinished, FileStream stream) => (_path, _unfinished, Stream) = (path, unfinished, stream);

    public FileStream Stream { get; }

    /// <exception cref="Refusal">It cannot be written there.</exception>
    public static WholeFile Create(string path)
    {
        string unfinished = $"{path}.part";
        try
        {
            return new WholeFile(path, unfinished, File.Create(unfinished));
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException)
        {
            throw new Refusal($"{path} cannot be written: {fault.Message}", "--file says where else.");
        }
    }

    /// <summary>All is written: with the end of this object the file has its name.</summary>
    public void Finish() => _finished = true;

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        if (_finished)
        {
            File.Move(_unfinished, _path, overwrite: true);
        }
        else
        {
            File.Delete(_unfinished);
        }
    }
}
