package main

import (
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/local/identity"
)

func (a *app) usersCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "users",
		Short: "Say who may ask the API on this machine, and with which role",
		Long: `Say who may ask the API on this machine, and with which role. mayfly local asks for it with --users FILE; a change counts from
the next request on. On AWS, IAM or an identity provider says who somebody is.

  admin    may do everything
  owner    makes sandboxes in its own name, and sees and changes those alone
  reader   sees everything and changes nothing`,
		Example: "  mayfly users add ada --role admin\n  mayfly users add ci --role owner --access-key\n  mayfly local --users .mayfly/users.json\n  MAYFLY_TOKEN=mayfly_... mayfly list",
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&file, "users", ".mayfly/users.json", "the file of users")
	cmd.AddCommand(a.usersAddCommand(&file), a.usersListCommand(&file), a.usersRemoveCommand(&file))
	return cmd
}

// added is what is shown of a new user, this once.
type added struct {
	Name      string              `json:"name"`
	Role      access.Role         `json:"role"`
	Token     string              `json:"token,omitempty"`
	AccessKey *identity.AccessKey `json:"accessKey,omitempty"`
}

func (a *app) usersAddCommand(file *string) *cobra.Command {
	var role string
	var signs bool
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user, or give one a new role and a new token",
		Long: `Add a user, or give one a new role and a new token. The token is shown this once, and only its digest is kept. With --access-key
the user gets an access key instead, for AWS clients that sign; its secret is kept in the file.`,
		Args: exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(access.Roles(), access.Role(role)) {
				return &usageError{message: fmt.Sprintf("--role %q: must be one of %v", role, access.Roles()), command: cmd}
			}
			f, err := identity.Read(*file)
			if err != nil {
				return err
			}
			u, shown, err := newUser(args[0], access.Role(role), signs)
			if err != nil {
				return err
			}
			f.Users = append(slices.DeleteFunc(f.Users, func(other identity.User) bool { return other.Name == u.Name }), u)
			if err := identity.Write(*file, f); err != nil {
				return err
			}
			if a.json() {
				return a.printValue(shown)
			}
			a.printf("%s is %s\n", shown.Name, shown.Role)
			if shown.AccessKey != nil {
				a.printf("  AWS_ACCESS_KEY_ID=%s\n  AWS_SECRET_ACCESS_KEY=%s\n", shown.AccessKey.ID, shown.AccessKey.Secret)
				return nil
			}
			a.printf("  MAYFLY_TOKEN=%s\n\nIt is shown this once.\n", shown.Token)
			return nil
		},
	}
	cmd.Flags().StringVar(&role, "role", string(access.Owner), "admin, owner or reader")
	cmd.Flags().BoolVar(&signs, "access-key", false, "an access key to sign with, instead of a token")
	complete(cmd, "role", "admin", "owner", "reader")
	return cmd
}

// newUser makes a user with a new token or access key.
func newUser(name string, role access.Role, signs bool) (identity.User, added, error) {
	u, shown := identity.User{Name: name, Role: role}, added{Name: name, Role: role}
	if signs {
		key, err := identity.NewAccessKey(rand.Reader)
		u.AccessKey, shown.AccessKey = &key, &key
		return u, shown, err
	}
	token, err := identity.NewToken(rand.Reader)
	u.TokenSHA256, shown.Token = identity.HashToken(token), token
	return u, shown, err
}

func (a *app) usersListCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the users and their roles",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			f, err := identity.Read(*file)
			if err != nil {
				return err
			}
			shown := make([]added, len(f.Users)) // without their secrets
			for i, u := range f.Users {
				shown[i] = added{Name: u.Name, Role: u.Role}
			}
			if a.json() {
				return a.printValue(shown)
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "NAME\tROLE\tBY")
			for _, u := range f.Users {
				by := "token"
				if u.AccessKey != nil {
					by = "access key " + u.AccessKey.ID
				}
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", u.Name, u.Role, by)
			}
			return table.Flush()
		},
	}
}

func (a *app) usersRemoveCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a user; its sandboxes stay",
		Args:  exactArgs("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := identity.Read(*file)
			if err != nil {
				return err
			}
			before := len(f.Users)
			f.Users = slices.DeleteFunc(f.Users, func(u identity.User) bool { return u.Name == args[0] })
			if len(f.Users) == before {
				return advise(fmt.Errorf("there is no user %s in %s", args[0], *file), "See who there is: mayfly users list --users %s", *file)
			}
			if err := identity.Write(*file, f); err != nil {
				return err
			}
			a.printf("%s is removed\n", args[0])
			return nil
		},
	}
}
