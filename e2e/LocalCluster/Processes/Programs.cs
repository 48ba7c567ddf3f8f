namespace PushPlatform.LocalCluster.Processes;

/// <summary>Finds programs as a shell would.</summary>
internal static class Programs
{
    public static bool Exists(string fileName) => Find(fileName) is not null;

    /// <summary>The full path, or null. A name with a slash is taken as it stands.</summary>
    public static string? Find(string fileName)
    {
        if (fileName.Contains('/'))
        {
            return File.Exists(fileName) ? fileName : null;
        }
        string path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);
    }
}
