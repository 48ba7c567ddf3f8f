using System.Net;

namespace PushPlatform.PushNode;

/// <summary>Reads environment variables and gathers what is wrong with them; a faulty one yields a stand-in that is never used.</summary>
internal sealed class NodeSettings(Func<string, string?> environment)
{
    public List<string> Faults { get; } = [];

    public string? Text(string name) => environment(name) is { Length: > 0 } text ? text : null;

    public string Required(string name)
    {
        string? text = Text(name);
        if (text is null)
        {
            Faults.Add($"{name} is required.");
        }

        return text ?? "";
    }

    public T? Parsed<T>(string name, Func<string, T> parse, string form)
    {
        string text = Required(name);
        try
        {
            return text.Length == 0 ? default : parse(text);
        }
        catch (FormatException)
        {
            Faults.Add($"{name} is '{text}'; it must be {form}.");
            return default;
        }
    }

    public T OneOf<T>(string name)
        where T : struct, Enum => Named<T>(name, Required(name));

    public T OneOf<T>(string name, T otherwise)
        where T : struct, Enum => Text(name) is { } text ? Named<T>(name, text) : otherwise;

    /// <summary>A server's address, which may hold a password: neither this nor <paramref name="judge"/> repeats it.</summary>
    public string ServerAddress(string name, Func<string, string?> judge)
    {
        string text = Required(name);
        if (text.Length > 0 && judge(text) is { } fault)
        {
            Faults.Add($"{name}: {fault}.");
        }

        return text;
    }

    public IPAddress Address(string name, IPAddress otherwise)
    {
        IPAddress? address = otherwise;
        if (Text(name) is { } text && !IPAddress.TryParse(text, out address))
        {
            Faults.Add($"{name} is '{text}'; it must be an IP address.");
        }

        return address ?? otherwise;
    }

    public int Number(string name, int otherwise, int least, int most)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, out int number) && number >= least && number <= most)
        {
            return number;
        }

        Faults.Add($"{name} is '{text}'; it must be a whole number from {least} to {most}.");
        return otherwise;
    }

    /// <summary>A list with commas between; not set: none.</summary>
    public IReadOnlyList<string> Names(string name, Func<string, bool> isValid, int most)
    {
        string[] names = Text(name)?.Split(',') ?? [];
        if (names.Length > most || !Array.TrueForAll(names, one => isValid(one)))
        {
            Faults.Add($"{name} is '{Text(name)}'; it must be at most {most} names with commas between, each of 1 to 32 lower-case letters, digits and -, beginning with a letter.");
        }

        return names;
    }

    public TimeSpan Seconds(string name, int otherwise, int least, int most) => TimeSpan.FromSeconds(Number(name, otherwise, least, most));

    private T Named<T>(string name, string text)
        where T : struct, Enum
    {
        string[] names = Enum.GetNames<T>();
        if (text.Length > 0 && !names.Contains(text))
        {
            Faults.Add($"{name} is '{text}'; it must be one of {string.Join(", ", names)}.");
        }

        return names.Contains(text) ? Enum.Parse<T>(text) : default;
    }
}
